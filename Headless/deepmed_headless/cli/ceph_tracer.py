"""Tracing one cephalogram through the module's own Logic, and writing the files of the contract."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deepmed_headless.cli.batch import Outcome
from deepmed_headless.cli.command import ABSTAINED, DONE
from deepmed_headless.cli.inputs import Case
from deepmed_headless.cli.module_logic import load_logic
from deepmed_headless.cli.scene_files import must, show_in_red
from deepmed_headless.cli.screen import Step

AfterFiles = Callable[[Any, Path], None]
"""Called with the Logic's nodes and the folder while the scene is still there."""

SHOWN = ("SNA", "SNB", "ANB", "FMA")


@dataclass(frozen=True)
class CephSettings:
    """How all films of one call are traced.

    Attributes:
        spacing: mm per pixel given by the user; None asks the file.
        ruler: (x1, y1, x2, y2, mm) of two marks; None for none.
        magnification: to be taken out of a scale of the film; None for none.
        options: CephOptions of the module.
        compare: earlier film; None for none. compare_spacing: its mm per pixel.
        method: what two films are laid upon.
        rays: "parallel" or "divergent" where the inputs are volumes; None where they are films.
    """

    device: str
    facing: str
    spacing: float | None
    ruler: tuple[float, float, float, float, float] | None
    magnification: float | None
    options: Any
    compare: Path | None
    compare_spacing: float | None
    method: str
    rays: str | None

    @classmethod
    def checked(
        cls,
        device: str = "auto",
        spacing: float | None = None,
        ruler: tuple[float, float, float, float, float] | None = None,
        magnification: float | None = None,
        facing: str = "auto",
        analyses: tuple[str, ...] = (),
        norms: str | None = None,
        age: float | None = None,
        sex: str = "",
        compare: Path | None = None,
        compare_spacing: float | None = None,
        method: str | None = None,
        rays: str | None = None,
    ) -> CephSettings:
        """Settings from the words of the command line.

        Raises:
            BadInput: a value that no film could be traced with.
        """
        from CephSketcherLib.analysis.analyses import chosen_measures
        from CephSketcherLib.comparison.superimposition import METHODS
        from CephSketcherLib.film.scale import LARGEST_MAGNIFICATION, ruler_scale, typed_scale
        from CephSketcherLib.tracing.result import CephOptions
        from DeepMedLib.errors import BadInput

        for given in (spacing, compare_spacing):
            if given is not None:
                typed_scale(given)
        if ruler is not None:
            ruler_scale(ruler[:2], ruler[2:4], ruler[4])
        if magnification is not None and not 1 <= magnification <= LARGEST_MAGNIFICATION:
            raise BadInput(f"A magnification of {magnification:g} is not possible.", "Give a factor from 1 to 2.")
        if age is not None and not (math.isfinite(age) and 0 < age < 120):
            raise BadInput(f"An age of {age:g} years is not possible.", "Give the age in years.")
        chosen_measures(analyses)
        if method is not None and method not in METHODS:
            raise BadInput(f"Films cannot be laid upon '{method}'.", f"Choose among: {', '.join(METHODS)}.")
        if compare is not None and not compare.exists():
            raise BadInput(f"There is no file {compare.name}.", "Check --compare.")
        options = CephOptions(analyses=analyses, age=age, sex=sex, **_norms(norms))
        chosen = method or next(iter(METHODS))
        return cls(device, facing, spacing, ruler, magnification, options, compare, compare_spacing, chosen, rays)


def _norms(name: str | None) -> dict[str, Any]:
    """A shipped set by its name, else a file."""
    from dataclasses import asdict

    from CephSketcherLib.analysis.norm_files import norm_set_names, read_norm_set
    from DeepMedLib.errors import BadInput

    if name is None:
        return {}
    if name in norm_set_names():
        return {"norms": name}
    if not Path(name).is_file():
        known = ", ".join(norm_set_names())
        raise BadInput(f"There is no norm set '{name}'.", f"Choose a file or one of: {known}.")
    own = read_norm_set(name)
    return {"norms": own.name, "own_norms": asdict(own)}


class CephTracer:
    """The headless host with the CephSketcher module loaded; traces one film after another.

    Args:
        after_files: for what a caller wants of the scene beside the contract's files.
    """

    def __init__(self, settings: CephSettings, after_files: AfterFiles | None = None) -> None:
        self.settings = settings
        self._after_files = after_files
        self._logic = load_logic("CephSketcher")

    def trace(self, case: Case, folder: Path, step: Step) -> Outcome:
        """Traces a film and writes everything but result.json into `folder`.

        Raises:
            DeepMedError: see CephSketcherLogic.loadFilm, project, process and superimpose.
        """
        import slicer

        slicer.mrmlScene.Clear(False)
        try:
            step(0.02, "reading")
            nodes = self._traced(case.path, lambda fraction, what: step(0.05 + 0.6 * fraction, what))
            record = dict(nodes.result.to_json())
            step(0.7, "writing")
            self._write(nodes, folder)
            if self.settings.compare is not None and nodes.landmarks is not None:
                step(0.8, "superimposing")
                record["comparison"] = self._compare(nodes, folder)
            self._save_scene(nodes, folder)
            if self._after_files is not None:
                self._after_files(nodes, folder)
        finally:
            slicer.mrmlScene.Clear(False)
        done = nodes.result.status() == "done"
        return Outcome(record, DONE if done else ABSTAINED, summary(nodes.result))

    def _traced(self, path: Path, progress: Callable[[float, str], None], is_earlier: bool = False) -> Any:
        settings, logic = self.settings, self._logic
        if settings.rays is not None:
            film = logic.project(load_volume(path), rays=settings.rays)
        else:
            film = logic.loadFilm(str(path))
        if is_earlier:  # the ruler's marks are those of the later film
            scale = self._scale(film, settings.compare_spacing, None)
        else:
            scale = self._scale(film, settings.spacing, settings.ruler)
        return logic.process(
            film,
            scale=scale,
            options=settings.options,
            device=settings.device,
            facing=settings.facing,
            onProgress=progress,
        )

    def _scale(self, volume: Any, spacing: float | None, ruler: tuple[float, float, float, float, float] | None) -> Any:
        """The scale of the command line, in the film's own pixel shape; None where it says nothing."""
        from CephSketcherLib.film.scale import FILM, ruler_scale, typed_scale
        from CephSketcherMrml.filmNodes import filmOf, scaleOf
        from DeepMedLib.errors import BadInput

        settings = self.settings
        film = filmOf(volume)
        if spacing is not None:
            typed = typed_scale(spacing)
            return replace(typed, mm_per_px_y=typed.mm_per_px_x * film.aspect)
        if ruler is not None:
            x1, y1, x2, y2, mm = ruler
            return ruler_scale((x1, y1), (x2, y2), mm, film.aspect)
        if settings.magnification is None:
            return None
        stated = scaleOf(volume, film)
        if stated is None or stated.plane != FILM:
            raise BadInput(
                "There is no pixel size of the film to take a magnification out of.", "Leave out --magnification."
            )
        return stated.in_head(settings.magnification)

    def _write(self, nodes: Any, folder: Path) -> None:
        self._logic.exportFiles(nodes, folder)
        self._logic.exportReport(nodes, folder)
        if self.settings.rays is not None:
            from CephSketcherMrml.filmNodes import displayOf
            from DeepMedLib.report.png import encode_png

            (folder / "film.png").write_bytes(encode_png(displayOf(nodes.volume)))

    def _compare(self, later: Any, folder: Path) -> dict[str, Any]:
        """Traces the earlier film and writes the superimposition; the record for result.json."""
        assert self.settings.compare is not None
        earlier = self._traced(self.settings.compare, lambda fraction, what: None, is_earlier=True)
        if earlier.landmarks is None:
            return {"film": earlier.result.film, "status": "abstained", "reason": earlier.result.reason}
        from CephSketcherMrml.superimposeNodes import exportSuperimposition

        laid = self._logic.superimpose(earlier, later, self.settings.method)
        exportSuperimposition(laid, folder)
        return {"film": earlier.result.film, "status": "done", **laid.record()}

    def _save_scene(self, nodes: Any, folder: Path) -> None:
        import slicer.util

        show_in_red(nodes.volume)
        must(slicer.util.saveScene(str(folder.absolute() / "scene.mrb"), {}), "scene.mrb")


def load_volume(path: Path) -> Any:
    """A volume file, or a folder with one DICOM series, as a volume node.

    Raises:
        BadInput: it cannot be read.
    """
    import slicer.util

    from CephSketcherLib.film.folder import dicom_files_in
    from DeepMedLib.errors import BadInput

    if not path.exists():
        raise BadInput(f"There is no file {path.name}.", "Check the path.")
    first = dicom_files_in(path)[0] if path.is_dir() else path
    try:
        node = slicer.util.loadVolume(str(first.absolute()))
    except RuntimeError:
        raise BadInput(
            f"{path.name} cannot be read as a volume.", "Give a NIfTI or NRRD file or the folder of a DICOM series."
        ) from None
    if path.is_dir():
        node.SetName(path.name)
    return node


def summary(result: Any) -> str:
    """The tracing in one line, for people."""
    if result.status() != "done":
        return f"abstained. {result.reason}"
    found = {measure.name: measure for measure in result.measures}
    parts = []
    for name in SHOWN:
        if name in found:
            spread = "" if found[name].sd is None else f" \u00b1 {found[name].sd:.1f}"
            parts.append(f"{name} {found[name].value:.1f}{spread}\u00b0")
    first = [point.symbol for point in result.check_first()]
    return ", ".join(parts) + (f"; check first {', '.join(first)}" if first else "")
