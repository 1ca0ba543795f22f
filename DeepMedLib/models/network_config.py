"""Builds a network or transforms from a plain dictionary, without running anybody's code.

A MONAI configuration can do anything Python can: strings beginning with ``$`` are evaluated, ``_target_`` names any
importable callable (GHSA-873f-pvrv-4x83, GHSA-wvpx-5qmp-46g3). So it is read here rather than by MONAI's parser: a
``_target_`` must be on the lists below, ``$`` may only mark a plain reference ("@key", "$@key", "@a::b"), and
everything else is refused.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from DeepMedLib.errors import BundleRefused
from DeepMedLib.models.arguments import LAYER_ARGUMENTS, NETWORK_ARGUMENTS, TRANSFORM_ARGUMENTS
from DeepMedLib.models.bounded import bounded_building
from DeepMedLib.models.lean_import import lean_import

if TYPE_CHECKING:
    import torch

_TOO_MUCH = "Use another bundle; this one is damaged or meant to exhaust the computer."
_REMEDY = "Use a bundle whose configuration holds plain values only."

NETWORKS, LAYERS, TRANSFORMS = frozenset(NETWORK_ARGUMENTS), frozenset(LAYER_ARGUMENTS), frozenset(TRANSFORM_ARGUMENTS)

_MODULES: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = (
    ("monai.networks.nets", NETWORK_ARGUMENTS),
    ("torch.nn", LAYER_ARGUMENTS),
    ("monai.transforms", TRANSFORM_ARGUMENTS),
)
_REFERENCE = re.compile(r"\$?@(\w+(?:(?:::|#)\w+)*)")
_IGNORED_KEYS = frozenset({"_target_", "_desc_", "_disabled_"})
#: Weights come from the bundle's file, so whether others were to be fetched does not matter: these are left out.
_LEFT_OUT = frozenset({"pretrained", "progress"})
#: A definition that holds more, or larger numbers, or longer lists and words, describes no network that anybody uses.
_DEEPEST, _MOST_VALUES, _LONGEST_LIST, _LONGEST_WORD, _LARGEST_NUMBER = 32, 10_000, 1024, 200, 65_536


class CodeRefused(BundleRefused):
    """The configuration could run code; for a bundle of their own a user may confirm that (see user_bundles)."""


def allowed_target(target: object, own: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """(module, class) of a ``_target_`` that may be built, or None. Short names are MONAI's.

    Args:
        own: full names of classes that may be built besides the known ones: those of the module that ships the bundle.
    """
    if not isinstance(target, str):
        return None
    package, _, name = target.rpartition(".")
    if target in own:
        return package, name
    for module, names in _MODULES:
        # MONAI's classes are also known by the file that they are in: monai.networks.nets.unet.UNet.
        inside = package == module or (module.startswith("monai.") and package.startswith(module + "."))
        if name in names and (inside or (not package and module.startswith("monai."))):
            return module, name
    return None


def is_code(value: object) -> bool:
    """Whether MONAI would evaluate this string: it begins with ``$`` and is more than a reference."""
    return isinstance(value, str) and value.startswith("$") and not _REFERENCE.fullmatch(value)


def is_macro(value: object) -> bool:
    """Whether MONAI would replace this string by a part of this or another file ("%key", "%file::key")."""
    return isinstance(value, str) and re.match(r"%[\w./\\:#-]+$", value) is not None


def refused_arguments(config: Mapping[str, Any]) -> list[str]:
    """Arguments in the definition of a known class that it may not be given."""
    place = allowed_target(config.get("_target_"))
    if place is None:
        return []
    allowed = dict(_MODULES)[place[0]][place[1]] | _IGNORED_KEYS | _LEFT_OUT
    return sorted(str(key) for key in config if str(key) not in allowed)


def _walk(config: object) -> Iterator[tuple[str, object]]:
    """Every value of a configuration with its place, itself first, in order.

    Raises:
        BundleRefused: it is nested deeper than any that people write.
    """
    left: list[tuple[str, object, int]] = [("", config, 0)]
    while left:
        where, value, depth = left.pop()
        if depth > _DEEPEST:
            raise BundleRefused("A configuration of the bundle is nested too deeply.", _TOO_MUCH)
        yield where, value
        inside: list[tuple[object, object]] = []
        if isinstance(value, Mapping):
            inside = list(value.items())
        elif isinstance(value, (list, tuple)):
            inside = list(enumerate(value))
        prefix = f"{where}::" if where else ""
        left += [(f"{prefix}{key}", part, depth + 1) for key, part in reversed(inside)]


def targets(config: object) -> set[str]:
    """Every ``_target_`` in a configuration.

    Raises:
        BundleRefused: it is nested too deeply.
    """
    named = [value.get("_target_") for _, value in _walk(config) if isinstance(value, Mapping)]
    return {target for target in named if isinstance(target, str)}


def findings(config: object) -> list[str]:
    """What in a configuration could run code, one sentence fragment each; an empty list when it is plain.

    Raises:
        BundleRefused: it is nested too deeply.
    """
    found = []
    for where, value in _walk(config):
        if isinstance(value, Mapping):
            target = value.get("_target_")
            if target is not None and allowed_target(target) is None:
                found.append(f"{where or 'configuration'} calls '{target}'")
            found += [f"{where or 'configuration'} gives '{target}' a '{key}'" for key in refused_arguments(value)]
        elif is_code(value):
            found.append(f"{where} holds the expression '{str(value)[:80]}'")
        elif is_macro(value):
            found.append(f"{where} takes its value from '{str(value)[:80]}'")
    return found


def build(config: object, references: Mapping[str, Any] | None = None, own: frozenset[str] = frozenset()) -> Any:
    """The object that a configuration describes: plain values stay, ``_target_`` becomes an instance.

    Args:
        config: e.g. {"_target_": "UNet", "spatial_dims": 2, "in_channels": "@channels", ...}.
        references: the whole configuration, in which "@key" is looked up.
        own: as `allowed_target`.

    Raises:
        CodeRefused: the configuration holds code or an unknown ``_target_``.
        BundleRefused: a dangling or circular reference, or arguments that the class does not take.
    """
    return _Builder(references or {}, own).build(config, 0)


def build_network(
    config: object, references: Mapping[str, Any] | None = None, own: frozenset[str] = frozenset()
) -> torch.nn.Module:
    """`build` for a network definition.

    Raises:
        BundleRefused: as `build`, or the definition is not of a network.
    """
    import torch

    with bounded_building():
        network = build(config, references, own)
    if not isinstance(network, torch.nn.Module):
        raise BundleRefused("The network definition does not describe a network.", _REMEDY)
    return network


class _Builder:
    """Makes objects of one definition, within bounds: references that multiply one another end there."""

    def __init__(self, references: Mapping[str, Any], own: frozenset[str]) -> None:
        self._references = references
        self._own = own
        self._left = _MOST_VALUES

    def build(self, config: object, depth: int) -> Any:
        self._left -= 1
        if depth > _DEEPEST:
            raise BundleRefused("The network definition refers to itself.", _REMEDY)
        if self._left < 0:
            raise BundleRefused(f"The network definition holds more than {_MOST_VALUES} values.", _TOO_MUCH)
        if isinstance(config, str):
            return self._text(config, depth)
        if isinstance(config, (list, tuple)):
            if len(config) > _LONGEST_LIST:
                raise BundleRefused(f"The network definition holds a list of {len(config)} values.", _TOO_MUCH)
            return [self.build(value, depth + 1) for value in config]
        if isinstance(config, Mapping):
            return self._object(config, depth) if "_target_" in config else self._values(config, depth)
        if isinstance(config, int) and abs(config) > _LARGEST_NUMBER:
            raise BundleRefused("The network definition holds a number that is too large.", _TOO_MUCH)
        return config

    def _values(self, config: Mapping[str, Any], depth: int) -> dict[str, Any]:
        return {str(key): self.build(value, depth + 1) for key, value in config.items()}

    def _object(self, config: Mapping[str, Any], depth: int) -> Any:
        place = allowed_target(config["_target_"], self._own)
        if place is None:
            raise CodeRefused(
                f"The bundle calls '{config['_target_']}', which is not a known network, layer or transform.", _REMEDY
            )
        module, name = place
        unknown = [key for key in config if str(key).startswith("_") and key not in _IGNORED_KEYS]
        if unknown or config.get("_disabled_", False) is not False:
            raise CodeRefused(f"The network definition uses '{(unknown or ['_disabled_'])[0]}'.", _REMEDY)
        refused = refused_arguments(config)
        if refused:
            raise CodeRefused(f"The bundle gives '{name}' a '{refused[0]}', which is not a plain setting.", _REMEDY)
        is_monai = module.startswith("monai.")
        left_out = _IGNORED_KEYS | (_LEFT_OUT if is_monai else frozenset())
        arguments = self._values({key: value for key, value in config.items() if key not in left_out}, depth)
        kind = getattr(lean_import(module), name, None)
        if kind is None:
            package = module.partition(".")[0]
            raise BundleRefused(f"The installed {package} has no '{name}'.", "Update the Python package.")
        if module == "monai.networks.nets" and _takes_pretrained(kind):
            arguments["pretrained"] = False  # some networks would fetch weights from the network by default
        try:
            return kind(**arguments)
        except BundleRefused:
            raise
        except Exception as error:  # whatever a class raises on arguments that make no sense to it
            reason = (str(error).splitlines() or [type(error).__name__])[0][:300].rstrip(".")
            message = f"'{name}' cannot be made as the bundle says: {reason}."
            raise BundleRefused(message, "Use another bundle.") from error

    def _text(self, text: str, depth: int) -> Any:
        match = _REFERENCE.fullmatch(text)
        if match is None:
            if text.startswith(("$", "@")) or is_macro(text):
                raise CodeRefused(f"The network definition holds '{text[:80]}', which could run code.", _REMEDY)
            if len(text) > _LONGEST_WORD:
                raise BundleRefused(f"The network definition holds a word of {len(text)} letters.", _TOO_MUCH)
            return text
        value: Any = self._references
        for key in re.split(r"::|#", match.group(1)):
            try:
                value = value[int(key)] if isinstance(value, list) else value[key]
            except (KeyError, IndexError, TypeError, ValueError) as error:
                message = f"The network definition refers to '{text[:80]}', which is not there."
                raise BundleRefused(message, _REMEDY) from error
        return self.build(value, depth + 1)


def _takes_pretrained(kind: type) -> bool:
    return any("pretrained" in inspect.signature(base).parameters for base in kind.__mro__[:-1] if _is_network(base))


def _is_network(base: type) -> bool:
    return base.__module__.startswith("monai.")
