"""What every `deepmed evaluate` dataset needs: rows, figures, files."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.files.folder import replace_file

if TYPE_CHECKING:
    import numpy as np

    from deepmed_headless.cli.terminal.screen import Screen

Row = dict[str, Any]

ROWS, METRICS = "per_case.csv", "metrics.json"
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


@dataclass(frozen=True)
class Evaluation:
    """One call of `deepmed evaluate`.

    Attributes:
        folder: the dataset, laid out as documented.
        out: an existing folder for the results.
        device: "auto", "cpu" or "cuda".
        limit: only the first so many cases; None for all.
        lat: array of activation times that a dataset of shells has; "" where its name says so.
        unit: of the activation times, "ms" or "s".
    """

    folder: Path
    out: Path
    device: str
    limit: int | None
    screen: Screen
    lat: str = ""
    unit: str = "ms"

    def pictures(
        self, names: Sequence[str] = ("images",), keep: Callable[[Path], bool] = lambda path: True
    ) -> list[Path]:
        """The pictures in the first of the named subfolders that exists, else in the folder itself, in natural order.

        Raises:
            BadInput: there is no folder or no picture in it.
        """
        from DeepMedLib.errors import BadInput
        from DeepMedLib.picture.files import list_pictures

        if not self.folder.is_dir():
            raise BadInput(f"There is no folder {self.folder}.", "Check INPUT_DIR.")
        where = next((self.folder / name for name in names if (self.folder / name).is_dir()), self.folder)
        found = [path for path in list_pictures(where) if path.suffix.lower() in PICTURE_SUFFIXES and keep(path)]
        if not found:
            raise BadInput(f"The folder {where} holds no picture of this dataset.", "Check INPUT_DIR and DATASET.")
        return found[: self.limit]

    def rows(self, cases: Sequence[Path], work: Callable[[Path], Row], failed: Callable[[Path, str], Row]) -> list[Row]:
        """One row per case with a progress bar. A case that cannot be used keeps its row with the reason.

        Args:
            work: predicts one case; raises DeepMedError when it cannot.
            failed: the row of a case that could not be used, from its path and the reason.

        Raises:
            BundleRefused, DependencyMissing: no case could be predicted, whichever.
        """
        import traceback

        from DeepMedLib.errors import BundleRefused, DependencyMissing
        from DeepMedLib.jobs.task import typed_error

        rows = []
        with self.screen.bar("evaluate", len(cases)) as bar:
            for path in cases:
                bar.start(path.name)
                try:
                    rows.append(work(path))
                except (BundleRefused, DependencyMissing):
                    raise
                except Exception as error:
                    traceback.print_exception(error)
                    rows.append(failed(path, str(typed_error(error))))
                bar.done()
        return rows

    def write(self, columns: Sequence[str], rows: Iterable[Row], metrics: Mapping[str, Any] | None) -> None:
        """Writes per_case.csv and, where there is truth, metrics.json; an older metrics.json does not stay behind."""
        replace_file(self.out / ROWS, rows_csv(columns, rows))
        if metrics is None:
            (self.out / METRICS).unlink(missing_ok=True)
        else:
            replace_file(self.out / METRICS, json.dumps(metrics, indent=2, allow_nan=False) + "\n")


def rows_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """CSV text; None and numbers that are not finite become empty fields, others have five decimals."""
    from DeepMedLib.results.table import csv_text

    return csv_text(columns, [[_rounded(row.get(name)) for name in columns] for row in rows])


def _rounded(value: Any) -> Any:
    return f"{value:.5f}" if isinstance(value, float) and math.isfinite(value) else value


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with stripped headers; empty when there is no such file.

    Raises:
        BadInput: it cannot be read.
    """
    from DeepMedLib.errors import BadInput

    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return [
                {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
                for row in csv.DictReader(stream)
            ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(f"{path.name} cannot be read.", "Save it as comma-separated text.") from error


def positive(text: str | None) -> float | None:
    """A finite number above zero, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def error_figures(errors: Sequence[float], sds: Sequence[float | None]) -> dict[str, Any] | None:
    """Figures of measured minus true values in mm; None without any.

    Args:
        sds: standard uncertainty of each; the share of errors within 1.96 of them is ``coverage_95``.
    """
    import numpy as np

    if not errors:
        return None
    e = np.asarray(errors, float)
    known = [(x, s) for x, s in zip(errors, sds, strict=True) if s is not None]
    return {
        "n": len(e),
        "mae_mm": float(np.abs(e).mean()),
        "bias_mm": float(e.mean()),
        "median_abs_mm": float(np.median(np.abs(e))),
        "p95_abs_mm": float(np.quantile(np.abs(e), 0.95)),
        "max_abs_mm": float(np.abs(e).max()),
        "coverage_95": float(np.mean([abs(x) <= 1.96 * s for x, s in known])) if known else None,
        "coverage_95_n": len(known),
    }


def share_figures(values: Sequence[float]) -> dict[str, Any] | None:
    """Mean, median and least of overlap figures; None without any."""
    import numpy as np

    if not values:
        return None
    v = np.asarray(values, float)
    return {"n": len(v), "mean": float(v.mean()), "median": float(np.median(v)), "min": float(v.min())}


def dice(a: np.ndarray, b: np.ndarray) -> float | None:
    """2 |a and b| / (|a| + |b|) of two boolean masks; None when both are empty."""
    total = int(a.sum()) + int(b.sum())
    return 2.0 * int((a & b).sum()) / total if total else None
