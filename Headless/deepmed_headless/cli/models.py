"""`deepmed models`: which models are shipped, and whether they are unchanged."""

from __future__ import annotations

from typing import Any, NoReturn

from deepmed_headless.cli.paths import models_folder, module_names
from deepmed_headless.cli.run.shared_options import DebugOption, JsonOption
from deepmed_headless.cli.terminal.command import BAD_INPUT, DONE, run_command
from deepmed_headless.cli.terminal.screen import Screen

EPILOG = """
**Examples**

`deepmed models` lists and verifies all of them; exit code 2 when one is missing or was changed.

`deepmed models --json` prints one object a model, with the full SHA-256 of its weights.
"""


def models(json_lines: JsonOption = False, debug: DebugOption = False) -> NoReturn:
    """List the shipped **models** with version and SHA-256, and verify every file of them."""
    run_command(_list, json_lines, debug)


def _list(screen: Screen) -> int:
    from rich.table import Table

    from DeepMedLib.errors import BundleRefused

    records = [record for module in module_names() for record in records_of(module)]
    if not records:
        raise BundleRefused("No model is shipped with this copy.", "Install the extension again.")
    table = Table(box=None, header_style="bold")
    for title in ("Module", "Model", "Version", "Size", "SHA-256 of the weights", "Files"):
        table.add_column(title, overflow="fold")
    for record in records:
        screen.record(record)
        good = record["status"] == "verified"
        size = "" if record["bytes"] is None else f"{record['bytes'] / 1e6:.1f} MB"
        state = "[green]verified[/]" if good else "[bold red]refused[/]"
        table.add_row(record["module"], record["model"], record["version"] or "", size, record["sha256"] or "", state)
        if not good:
            screen.error(record["reason"], f"{record['module']} {record['model']}")
    screen.table(table)
    return DONE if all(record["status"] == "verified" for record in records) else BAD_INPUT


def records_of(module: str) -> list[dict[str, Any]]:
    """What the module's manifest lists, each bundle verified; one refused record when the manifest is unreadable."""
    import json

    from DeepMedLib.errors import BundleRefused
    from DeepMedLib.models.bundles import MANIFEST, shipped_bundle

    folder = models_folder(module)
    if not folder.is_dir():
        return []
    try:
        names = sorted(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return [_record(module, MANIFEST, "refused", reason="The list of models is missing or damaged. Install again.")]
    records = []
    for name in names:
        try:
            bundle = shipped_bundle(folder, name)
        except BundleRefused as error:
            records.append(_record(module, name, "refused", reason=str(error)))
            continue
        size = (bundle.folder / bundle.weights).stat().st_size
        records.append(_record(module, name, "verified", bundle.version, bundle.sha256, size))
    return records


def _record(
    module: str,
    model: str,
    status: str,
    version: str | None = None,
    sha256: str | None = None,
    size: int | None = None,
    reason: str = "",
) -> dict[str, Any]:
    return {
        "module": module,
        "model": model,
        "version": version,
        "sha256": sha256,
        "bytes": size,
        "status": status,
        "reason": reason,
    }
