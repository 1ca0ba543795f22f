"""`deepmed evaluate`: raw predictions and, where truth is there, figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deepmed_headless.cli.run.modules import dataset_names, load_dataset
from deepmed_headless.cli.run.shared_options import DebugOption, Device, DeviceOption
from deepmed_headless.cli.terminal.command import DONE, run_command
from deepmed_headless.cli.terminal.screen import Screen

EPILOG = """
**Examples**

`deepmed evaluate hc18 ../shared/data/fetal/hc18 --out scores/hc18`

`deepmed evaluate head_structures ../shared/data/fetal/head_structures --out scores/structures --limit 20`

**Written**: DIR/per_case.csv with the raw prediction of every case (empty values and a `reason` where there is none),
masks where the dataset has them, and DIR/metrics.json where the truth is there. Predictions never read the truth.
"""


def evaluate(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help=f"One of: {', '.join(dataset_names())}.", show_default=False)
    ],
    input_dir: Annotated[Path, typer.Argument(metavar="INPUT_DIR", help="The dataset's folder.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the rows and figures.", show_default=False)
    ],
    device: DeviceOption = Device.auto,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N cases.", show_default=False)
    ] = None,
    lat: Annotated[
        str, typer.Option("--lat", metavar="NAME", help="ep_shell: array of activation times.", show_default=False)
    ] = "",
    unit: Annotated[
        str, typer.Option("--unit", metavar="[ms|s]", help="ep_shell: unit of the activation times.")
    ] = "ms",
    debug: DebugOption = False,
) -> NoReturn:
    """Predict a whole **dataset** and write one row a case, so that anybody can score it anew."""

    def body(screen: Screen) -> int:
        from deepmed_headless.cli.evaluate.scoring import METRICS, ROWS, Evaluation
        from deepmed_headless.cli.files.folder import output_folder
        from DeepMedLib.errors import BadInput

        module = load_dataset(dataset)
        if out.resolve() == input_dir.resolve():
            raise BadInput(
                "--out is the folder of the dataset itself.", "Choose another folder, so that no truth is replaced."
            )
        with output_folder(out):
            module.evaluate(Evaluation(input_dir, out, device.value, limit, screen, lat, unit))
            for name in (ROWS, METRICS):
                if (out / name).is_file():
                    screen.result(str(out / name))
        return DONE

    run_command(body, debug=debug)
