"""The modules' own Logics, for commands that use them."""

from __future__ import annotations

from typing import Any


def load_logic(name: str) -> Any:
    """The Logic of a module in the booted headless host, computing in this process so that models are loaded once."""
    from deepmed_headless import boot, load_named

    boot()
    logic = getattr(load_named(name), f"{name}Logic")()
    logic.runInProcess = True
    return logic
