"""Networks are made within bounds: a definition of a few bytes may ask for more memory and time than a computer has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from DeepMedLib.errors import BundleRefused

#: Values of all tensors together (2 GB in float32), and tensors: far beyond every network in use.
MOST_VALUES, MOST_TENSORS = 500_000_000, 20_000
_MAKERS = ("empty", "zeros", "ones", "full", "rand", "randn", "randint", "randperm", "arange", "linspace", "eye")
_TOO_MUCH = "Use another bundle; this one is damaged or meant to exhaust the computer."


@contextmanager
def bounded_building() -> Iterator[None]:
    """A block in which torch makes tensors only up to `MOST_VALUES` and `MOST_TENSORS`. It is asked before each.

    Raises:
        BundleRefused: the next tensor would be beyond.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    makers = {getattr(torch, name): name for name in _MAKERS}

    class Bounded(TorchFunctionMode):
        values = tensors = 0

        def __torch_function__(
            self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            kwargs = kwargs or {}
            if function in makers:
                self.values += _size_of(makers[function], args, kwargs)
                self.tensors += 1
                if self.values > MOST_VALUES:
                    millions = self.values // 1_000_000
                    raise BundleRefused(f"The network would have more than {millions} million values.", _TOO_MUCH)
                if self.tensors > MOST_TENSORS:
                    raise BundleRefused(f"The network would have more than {MOST_TENSORS} tensors.", _TOO_MUCH)
            return function(*args, **kwargs)

    with Bounded():
        yield


def _size_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """How many values the tensor will have, or more."""
    given = kwargs.get("size", args)
    if name in ("full", "randint") and "size" not in kwargs:
        given = next((value for value in args if isinstance(value, (tuple, list))), ())
    if name in ("arange", "linspace"):
        numbers = [abs(value) for value in (*args, *kwargs.values()) if isinstance(value, (int, float))]
        return int(max(numbers, default=0)) + 1
    if name in ("eye", "randperm"):
        given = [value for value in (*args, *kwargs.values()) if isinstance(value, int)]
        given = [given[0], given[0]] if name == "eye" and len(given) == 1 else given
    size = 1
    for value in given:
        for side in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(side, int) and not isinstance(side, bool):
                size *= max(side, 0)
    return size
