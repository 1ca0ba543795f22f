"""Code of a bundle that the user has confirmed: the confirmed bytes run, in a process of their own, and no others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from DeepMedLib.errors import BundleRefused
from DeepMedLib.jobs.job import run_job
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.models.user_bundles import UserBundles
from Testing.bundle.bundle_maker import NETWORK, make_bundle, make_unet

FUNCTIONS = Path(__file__).resolve().parent / "functions"
IMAGE = np.random.default_rng(5).random((1, 1, 16, 16)).astype(np.float32)


@pytest.fixture
def bundles(tmp_path: Path) -> UserBundles:
    return UserBundles(tmp_path / "Liste 漢字")


def own(folder: Path, body: str = "", package: str = "scripts") -> Path:
    """A bundle whose network is a class of its own; ``body`` is more code of its file."""
    network = {**NETWORK, "out_channels": "$int(1)", "_target_": f"{package}.net.Net"}
    make_bundle(folder, network=network)
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text("")
    text = f"from monai.networks.nets import UNet\nclass Net(UNet): pass\n{body}\n"
    (folder / package / "net.py").write_text(text)
    return folder


def confirmed(bundles: UserBundles, folder: Path) -> None:
    bundles.confirm(bundles.add(folder).sha256)


def in_a_worker(tmp_path: Path, *names: str, **options: Any) -> TaskResult:
    given = {"list": str(tmp_path / "Liste 漢字"), "names": list(names), **options}
    task = Task("bundle_functions:load", {"image": IMAGE}, given)
    return run_job(task, folder=tmp_path / "jobs", python=sys.executable, search_paths=[FUNCTIONS])


def test_confirmed_code_makes_the_network_in_a_worker_and_leaves_nothing(tmp_path: Path, bundles: UserBundles) -> None:
    folder = own(tmp_path / "own")
    record = bundles.add(folder)
    with pytest.raises(BundleRefused, match="could run code"):
        bundles.open("own")
    bundles.confirm(record.sha256)
    before = sorted(folder.rglob("*"))
    result = in_a_worker(tmp_path, "own")
    assert result.values["module"] == "scripts.net" and result.values["refused"] == {}
    with torch.inference_mode():
        assert np.array_equal(result.arrays["answer"], make_unet().eval()(torch.from_numpy(IMAGE)).numpy())
    # It ran from a private copy inside the job's folder, which has gone with the job.
    place = Path(result.values["place"])
    assert tmp_path / "jobs" in place.parents and list((tmp_path / "jobs").iterdir()) == []
    assert sorted(folder.rglob("*")) == before and bundles.open("own").name == "own"


def test_confirmed_code_does_not_run_in_the_application(tmp_path: Path, bundles: UserBundles) -> None:
    marker = tmp_path / "harm"
    confirmed(bundles, own(tmp_path / "own", f"import os; os.mkdir({str(marker)!r})"))
    with pytest.raises(BundleRefused, match="only in a process of its own"):
        bundles.open("own").load_network()
    assert not marker.exists() and "scripts" not in sys.modules


def test_a_file_swapped_after_opening_does_not_run(tmp_path: Path, bundles: UserBundles) -> None:
    marker = tmp_path / "harm"
    folder = own(tmp_path / "own")
    confirmed(bundles, folder)
    swap = {str(folder / "scripts" / "net.py"): f"import os; os.mkdir({str(marker)!r})"}
    result = in_a_worker(tmp_path, "own", swap=swap)
    assert "was changed: scripts/net.py" in result.values["refused"]["own"]
    assert not marker.exists()


def test_a_file_that_appears_after_opening_does_not_run(tmp_path: Path, bundles: UserBundles) -> None:
    """A module of the standard library's name beside the bundle's own code would be imported first."""
    marker = tmp_path / "harm"
    folder = own(tmp_path / "own", "import fractions")
    confirmed(bundles, folder)
    swap = {str(folder / "fractions.py"): f"import os; os.mkdir({str(marker)!r})"}
    result = in_a_worker(tmp_path, "own", swap=swap)
    assert result.values["module"] == "scripts.net" and not marker.exists()


def test_a_second_bundle_does_not_get_the_code_of_the_first(tmp_path: Path, bundles: UserBundles) -> None:
    """Both call their package ``scripts``: whichever came first would stay in sys.modules."""
    confirmed(bundles, own(tmp_path / "first"))
    confirmed(bundles, own(tmp_path / "second", "class Net(UNet):\n    second = True"))
    result = in_a_worker(tmp_path, "first", "second")
    assert "code of another model" in result.values["refused"]["second"]
    assert list(result.values["refused"]) == ["second"]
    assert in_a_worker(tmp_path, "second").values["refused"] == {}


def test_the_same_bundle_may_be_loaded_twice(tmp_path: Path, bundles: UserBundles) -> None:
    confirmed(bundles, own(tmp_path / "own"))
    assert in_a_worker(tmp_path, "own", "own").values["refused"] == {}


def test_foreign_code_that_fails(tmp_path: Path, bundles: UserBundles) -> None:
    confirmed(bundles, make_bundle(tmp_path / "own", network={**NETWORK, "out_channels": "$1/0"}))
    assert "code of 'own' failed" in in_a_worker(tmp_path, "own").values["refused"]["own"]


@pytest.mark.parametrize("name", ["model.ts", "model.pt"])
def test_a_confirmed_program(tmp_path: Path, bundles: UserBundles, name: str) -> None:
    folder = make_bundle(tmp_path / "program")
    (folder / "models" / "model.pt").unlink()
    convolution = torch.nn.Conv2d(1, 1, 3)
    torch.jit.script(convolution).save(str(folder / "models" / name))
    confirmed(bundles, folder)
    with pytest.raises(BundleRefused, match="only in a process of its own"):
        bundles.open("program").load_network()
    result = in_a_worker(tmp_path, "program")
    with torch.inference_mode():
        assert np.array_equal(result.arrays["answer"], convolution(torch.from_numpy(IMAGE)).numpy())
