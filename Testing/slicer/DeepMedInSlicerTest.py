"""What must hold in every Slicer that has the extension installed, with or without torch: ctest runs this file inside
Slicer, and Testing/module/test_in_slicer_tests.py runs the same file in the headless host.
"""

import importlib
import json
import pkgutil
import unittest
from pathlib import Path

import numpy as np
import slicer

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(folder.name for folder in ROOT.iterdir() if (folder / f"{folder.name}.py").is_file())


def moduleFolder(name: str) -> Path:
    """Where a module's file, its package and its Resources were installed."""
    return Path(getattr(slicer.modules, name.lower()).path).parent


class InstalledFilesTest(unittest.TestCase):
    """The installed folder is whole."""

    def test_modulesAreKnown(self):
        for name in MODULES:
            self.assertTrue(hasattr(slicer.modules, name.lower()), f"Slicer does not know the module {name}")

    def test_resourcesAreInstalled(self):
        shared = Path(importlib.import_module("DeepMedLib.gui").__path__[0]) / "panel.ui"
        for path in (shared, *(moduleFolder(name) / "Resources" / "Icons" / f"{name}.png" for name in MODULES)):
            self.assertTrue(path.is_file(), f"{path} is not installed")

    def test_panelsOpen(self):
        for name in MODULES:
            widget = getattr(slicer.modules, name.lower()).createNewWidgetRepresentation()
            widget.setMRMLScene(slicer.mrmlScene)
            self.assertTrue(hasattr(widget.self().ui, "applyButton"), f"{name} has no Apply button")
            widget.self().cleanup()

    def test_modelsAreWhole(self):
        from DeepMedLib.models.bundles import shipped_bundle

        for name in MODULES:
            models = moduleFolder(name) / "Resources" / f"{name}Models"
            if not models.is_dir():  # a module without a network, or whose networks its users bring
                continue
            bundles = json.loads((models / "manifest.json").read_text(encoding="utf-8"))
            self.assertTrue(bundles)
            for bundle in bundles:
                shipped_bundle(models, bundle)  # compares every file's SHA-256; needs no torch

    def test_slicerSideImports(self):
        for package in ("DeepMedLib.mrml", "DeepMedLib.gui"):
            folder = importlib.import_module(package)
            for found in pkgutil.walk_packages(folder.__path__, f"{package}."):
                importlib.import_module(found.name)


class PictureTest(unittest.TestCase):
    """Pictures, their scale and outlines survive the way into the scene and back."""

    def setUp(self):
        slicer.mrmlScene.Clear()

    def test_pictureComesBackAsItWas(self):
        from DeepMedLib.mrml.inputs.volumes import pictureFromVolume, spacingOfPicture, volumeFromPicture

        picture = np.random.default_rng(0).integers(0, 255, (20, 31), dtype=np.uint8)
        node = volumeFromPicture(picture, (0.12, 0.15), "Picture")
        np.testing.assert_array_equal(pictureFromVolume(node), picture)
        np.testing.assert_allclose(spacingOfPicture(node), (0.12, 0.15))

    def test_unknownScaleStaysUnknown(self):
        from DeepMedLib.mrml.inputs.volumes import spacingOfPicture, volumeFromPicture

        self.assertIsNone(spacingOfPicture(volumeFromPicture(np.zeros((4, 5), np.uint8), None, "Picture")))

    def test_pixelsAndMillimetresAgree(self):
        from DeepMedLib.mrml.inputs.volumes import pixelToRas, rasToPixel, volumeFromPicture

        node = volumeFromPicture(np.zeros((20, 31), np.uint8), (0.2, 0.3), "Picture")
        pixels = np.array([[0.0, 0.0], [30.0, 19.0], [7.25, 3.5]])
        ras = pixelToRas(node, pixels)
        np.testing.assert_allclose(rasToPixel(node, ras)[:, :2], pixels, atol=1e-9)
        self.assertAlmostEqual(float(np.linalg.norm(ras[1] - ras[0])), float(np.hypot(30 * 0.2, 19 * 0.3)))

    def test_maskComesBackAsItWas(self):
        from DeepMedLib.mrml.inputs.volumes import volumeFromPicture
        from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels

        volume = volumeFromPicture(np.zeros((20, 31), np.uint8), (0.2, 0.3), "Picture")
        labels = np.zeros((1, 20, 31), np.uint8)
        labels[0, 5:12, 8:20] = 1
        node = segmentationFromLabels(labels, volume, [SegmentSpec("head", "Head", (0.9, 0.7, 0.3))], "Head")
        np.testing.assert_array_equal(maskFromSegment(node, "head", volume) > 0, labels > 0)


if __name__ == "__main__":
    unittest.main()
