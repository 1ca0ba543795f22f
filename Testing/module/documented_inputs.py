"""The files that README, Documentation and the help of the commands name, made of phantoms that the networks know."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.phantom.skull_phantom import skull_phantom
from CephSketcherLib.sample_film import SampleFilm, projected_film, write_volume
from CephSketcherLib.sample_film_dicom import write_dicom
from DeepMedLib.geometry import to_sitk
from EEGWaveformsLib.phantom.files import write_edf, write_wfdb
from EEGWaveformsLib.phantom.sample import planted
from EEGWaveformsLib.records.record import Record
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.phantom.ultrasound_file import write_ultrasound
from LungTextureLib.phantom import lung_phantom
from PancreasSegHeadless.gray_bundle import write_gray_bundle
from Registration2D3DLib.phantom.cases import phantom_case, write_case
from Testing.module.cephsketcher.ceph_helpers import AnsweringCeph, install_ceph, sample
from Testing.module.epmapping.balls import write_ball, write_ball_export
from Testing.module.fetalbiometry.plane_helpers import AnsweringPlanes
from Testing.module.scancoverage.coverage_helpers import install_slices, trunk, write_trunk
from Testing.unit.pancreasseg.tiny import BACKGROUND, GREYS, write_tiny_models
from Testing.unit.series.series_maker import write_series

_PHANTOMS: dict[str, Callable[..., Any]] = {"head": head_phantom, "abdomen": abdomen_phantom, "femur": femur_phantom}


@lru_cache(maxsize=1)
def fine_film() -> SampleFilm:
    """The sample film with pixels of 0.1 mm, as the texts say of theirs."""
    made = sample()
    assert made.film.scale is not None
    factor = made.film.scale.mm_per_px_x / 0.1
    size = (round(made.film.width * factor), round(made.film.height * factor))
    pixels = np.asarray(Image.fromarray(made.film.pixels).resize(size, Image.Resampling.BILINEAR))

    def finer(points: LandmarkSet) -> LandmarkSet:
        return LandmarkSet(
            tuple(replace(p, x=(p.x + 0.5) * factor - 0.5, y=(p.y + 0.5) * factor - 0.5) for p in points)
        )

    return replace(
        made, film=replace(made.film, pixels=pixels), landmarks=finer(made.landmarks), extra=finer(made.extra)
    )


def install_organs(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let Pancreas Seg have a network that tells organs by gray value alone."""
    from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic

    shipped, made = ModuleLogic.modelsFolder, folder / "models" / "PancreasSegModels"

    def models(logic: Any) -> Path:
        if type(logic).__name__ != "PancreasSegLogic":
            return shipped(logic)
        return made if made.is_dir() else write_tiny_models(made)

    monkeypatch.setattr(ModuleLogic, "modelsFolder", models)


class Documented:
    """Makes each file when it is first asked for; the networks then answer with its truth.

    Args:
        folder: where the files lie that the texts name.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.planes = AnsweringPlanes()
        self.ceph: AnsweringCeph = install_ceph(monkeypatch)
        task = type("Task", (), {"run": staticmethod(self.planes.run), "run_many": staticmethod(self.planes.run_many)})
        monkeypatch.setitem(__import__("sys").modules, "FetalBiometryLib.inference.task", task)
        install_slices(monkeypatch)
        install_organs(monkeypatch, folder)
        self._makers: dict[str, Callable[[], None]] = {
            "scans/*.dcm": lambda: self.stills("scans", ".dcm", head=(7, 8)),
            "stills/*.png": lambda: self.stills("stills", ".png", head=(7,), femur=(7,)),
            "stills.csv": lambda: self.text(
                "stills.csv", "file,spacing,ga,plane\nhead_7,0.2,24w2d,head\nfemur_7,0.2,,\n"
            ),
            "head.png": lambda: self.still("head", self.folder / "head.png"),
            "/data/still.png": lambda: self.still("head", self.folder / "still.png"),
            "head.dcm": lambda: self.still("head", self.folder / "head.dcm"),
            "still.dcm": lambda: self.still("abdomen", self.folder / "still.dcm"),
            "femur.png": lambda: self.still("femur", self.folder / "femur.png"),
            "cine.dcm": lambda: self.still("head", self.folder / "cine.dcm", frames=14, shown=12),
            "study/": lambda: self.stills("study", ".dcm", head=(7,), abdomen=(7,), femur=(7,)),
            "/data/study": lambda: self.stills("study", ".dcm", head=(7,), abdomen=(7,), femur=(7,)),
            "former.csv": lambda: self.text("former.csv", "ga_weeks,HC_mm,AC_mm,FL_mm\n20w0d,175,150,32\n"),
            "path/to/hc18": lambda: self.stills("path/to/hc18/images", ".png", head=(7, 8)),
            "path/to/isbi2015": lambda: self.film("path/to/isbi2015/images/151.png"),
            "path/to/deeplesion_slices": self.slices,
            "films/": lambda: self.film("films/one.png"),
            "films.csv": lambda: self.text("films.csv", "file,spacing,age,sex\none,0.1,12y6m,F\n"),
            **{name: lambda name=name: self.film(name) for name in ("film.png", "film.jpg", "after.png", "before.png")},
            **{name: lambda name=name: self.dicom_film(name) for name in ("before.dcm", "after.dcm")},
            "/data/film.png": lambda: self.film("film.png"),
            "head_ct.nii.gz": self.head_volume,
            "scans/*.nii.gz": lambda: self.scans("scans/one.nii.gz", "scans/two.nii.gz"),
            "ct.nii.gz": lambda: self.scans("ct.nii.gz"),
            "/data/ct.nii.gz": lambda: self.scans("ct.nii.gz"),
            "chests/*.nii.gz": lambda: self.chests("chests/one.nii.gz", "chests/two.nii.gz"),
            "chest.nii.gz": lambda: self.chests("chest.nii.gz"),
            "/data/chest.nii.gz": lambda: self.chests("chest.nii.gz"),
            "chest_dicom/": self.chest_series,
            "path/to/emphysema_patches_cip": self.patches,
            "organs.nii.gz": lambda: write_trunk(self.folder / "organs.nii.gz", trunk().labels) and None,
            "export/": self.export,
            "bundle.zip": lambda: self.bundle("bundle.zip"),
            "/data/bundle.zip": lambda: self.bundle("bundle.zip"),
            "slices/": self.slice_pictures,
            "night.edf": self.record,
            "/data/night.edf": self.record,
            "100.hea": lambda: write_wfdb(self.night(), self.folder, "100") and None,
            **{name: lambda name=name: self.atrium(name) for name in ("shell.vtp", "shell.vtk", "shell.stl")},
            "shells": lambda: self.atrium("shells/a.vtp"),
            "points.csv": lambda: self.atrium("points.csv"),
            "Export_Study.zip": lambda: self.export_of_maps("Export_Study.zip"),
            "/data/Export_Study.zip": lambda: self.export_of_maps("Export_Study.zip"),
            **dict.fromkeys(("object.nii.gz", "/data/object.nii.gz", "path/to/registration"), self.xrays),
            "excerpt.txt": lambda: self.text("excerpt.txt", "\n".join(f"{v:.2f}" for v in self.night().values[0])),
        }

    def provide(self, words: list[str]) -> list[str]:
        """Makes what the words of a command name; returns them with `*` filled in as a shell does.

        Raises:
            AssertionError: a word looks like a file that nobody can make.
        """
        filled = []
        for word in words:
            if word in self._makers:
                self._makers[word]()
            filled += sorted(str(p.relative_to(self.folder)) for p in self.folder.glob(word)) if "*" in word else [word]
        return filled

    def provide_text(self, text: str) -> str:
        """The same for a Python text; `/data` becomes the folder."""
        for name, make in self._makers.items():
            if name.startswith("/data") and f'"{name}"' in text:
                make()
        return text.replace("/data/", f"{self.folder.as_posix()}/")

    def still(self, plane: str, path: Path, seed: int = 7, **cine: int) -> None:
        """A picture of a fetus that the network knows."""
        phantom = self.planes.add(plane, _PHANTOMS[plane](seed, height=270, width=400))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".dcm":
            write_ultrasound(phantom.picture, phantom.spacing_mm, path, study_uid="1.2.3", **cine)
        else:
            Image.fromarray(phantom.picture).save(path)

    def stills(self, folder: str, suffix: str, **seeds: tuple[int, ...]) -> None:
        """Several, as ``<plane>_<seed>``."""
        for plane, several in seeds.items():
            for seed in several:
                self.still(plane, self.folder / folder / f"{plane}_{seed}{suffix}", seed)

    def text(self, name: str, text: str) -> None:
        """A table."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def film(self, name: str) -> None:
        """The sample film as a picture."""
        self.ceph.add(fine_film())
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        quality = {"quality": 98} if name.endswith(".jpg") else {}
        Image.fromarray(fine_film().film.pixels).save(self.folder / name, **quality)

    def dicom_film(self, name: str) -> None:
        """The sample film as DICOM."""
        self.ceph.add(sample())
        write_dicom(sample(), self.folder / name)

    def head_volume(self) -> None:
        """A volume to be projected; small, so that it is quick."""
        head = skull_phantom(3, spacing_mm=1.4, across_mm=4.0)
        write_volume(head, self.folder / "head_ct.nii.gz")
        self.ceph.add(projected_film(head, source_mm=1524.0))  # the module's own distance

    def scans(self, *names: str) -> None:
        """The trunk."""
        for name in names:
            write_trunk(self.folder / name)

    def chests(self, *names: str) -> None:
        """A chest with holes in its lungs, of pixels too coarse for textures."""
        made = lung_phantom(5, (2.0, 2.0, 3.0))
        for name in names:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            sitk.WriteImage(to_sitk(made.values, made.grid), str(self.folder / name))

    def chest_series(self) -> None:
        """Two series of a chest, in folders of their own."""
        made = lung_phantom(5, (2.0, 2.0, 3.0))
        for n in (1, 2):
            write_series(
                self.folder / "chest_dicom" / f"series{n}",
                made.values[:, ::-1, ::-1],
                spacing=(2.0, 2.0, 3.0),
                StudyInstanceUID="1.2.3",
                SeriesNumber=n,
            )

    def patches(self) -> None:
        """An archive of lung patches."""
        folder = self.folder / "path/to/emphysema_patches_cip"
        folder.mkdir(parents=True)
        np.savez(folder / "patches_31x31_hu.npz", img=np.full((2, 31, 31), -860, np.int16))

    def export(self) -> None:
        """Two series of one study, in folders of their own."""
        for n in (1, 2):
            write_series(
                self.folder / "export" / f"series{n}",
                trunk().values[:, ::-1, ::-1],
                spacing=(6.0, 6.0, 6.0),
                StudyInstanceUID="1.2.3",
                SeriesNumber=n,
            )

    def night(self) -> Record:
        """A generated EEG of one channel."""
        made = planted(duration_s=60.0).record
        return replace(made, labels=("C3-A2",), values=made.values[[made.index("C3")]], units=("uV",))

    def record(self) -> None:
        """The same as EDF."""
        write_edf(self.night(), self.folder / "night.edf")

    def atrium(self, name: str) -> None:
        """A ball with a wave, as a shell with arrays or as points."""
        write_ball(self.folder / name)

    def export_of_maps(self, name: str) -> None:
        """The same as a CARTO export with two maps."""
        write_ball_export(self.folder / name)

    def xrays(self) -> None:
        """A generated object with two X-rays, as a case and under the names of the texts."""
        case = self.folder / "path/to/registration/one"
        write_case(phantom_case(2), case)
        names = {"ct.nii.gz": "object.nii.gz", "init.json": "start.json"}
        names |= {"xray.png": "front.png", "geometry.json": "front.json"}
        names |= {"xray_1.png": "side.png", "geometry_1.json": "side.json"}
        for name, other in names.items():
            shutil.copyfile(case / name, self.folder / other)

    def bundle(self, name: str) -> None:
        """A network of a user's, zipped."""
        made = write_gray_bundle(self.folder / "made" / "gray_values")
        shutil.make_archive(str(self.folder / Path(name).stem), "zip", made)

    def slice_pictures(self) -> None:
        """An axial slice as a picture, with a patch of liver."""
        picture = np.full((160, 180), BACKGROUND, np.uint8)
        picture[40:100, 30:90] = GREYS["liver"]
        (self.folder / "slices").mkdir()
        Image.fromarray(picture).save(self.folder / "slices" / "one.png")

    def slices(self) -> None:
        """An archive of single slices."""
        folder = self.folder / "path/to/deeplesion_slices"
        folder.mkdir(parents=True)
        np.savez(folder / "slices_256_u8.npz", img=np.full((4, 64, 64), 120, np.uint8))
