"""Device choice and provenance."""

from __future__ import annotations

import builtins
import datetime
import sys

import pytest

from DeepMedLib.errors import BadInput, DependencyMissing
from DeepMedLib.models.device import DEVICES, choose_device, thread_count
from DeepMedLib.provenance import Provenance

torch = pytest.importorskip("torch")


def test_cpu_always_works() -> None:
    choice = choose_device("cpu")
    assert choice.name == "cpu" and "thread" in choice.description


def test_auto_falls_to_the_cpu_without_a_graphics_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").name == "cpu"


def test_auto_takes_the_graphics_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Some Card")
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert choose_device("auto").name == choose_device("cuda").name == "cuda"
    assert choose_device().description == "Some Card (CUDA 12.8)"
    assert choose_device("cpu").name == "cpu"


@pytest.mark.parametrize(("built", "words"), [(None, "CUDA build"), ("12.8", "driver")])
def test_cuda_asked_for_and_not_there(monkeypatch: pytest.MonkeyPatch, built: str | None, words: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", built)
    with pytest.raises(BadInput, match="No CUDA") as caught:
        choose_device("cuda")
    assert words in caught.value.remedy and "'cpu'" in caught.value.remedy


def test_mps_asked_for_and_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(BadInput, match="MPS"):
        choose_device("mps")


def test_an_unknown_device_is_named() -> None:
    with pytest.raises(BadInput, match="'gpu'") as caught:
        choose_device("gpu")
    assert all(device in caught.value.remedy for device in DEVICES)


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    real = builtins.__import__

    def refuse(name, *arguments, **keywords):
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DependencyMissing, match="'torch'"):
        choose_device("auto")


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (3, 2), (16, 15)])
def test_one_core_stays_free(cores: int, threads: int) -> None:
    assert thread_count(cores) == threads


def test_threads_of_this_machine() -> None:
    assert thread_count() >= 1


def test_provenance_survives_as_attributes() -> None:
    origin = Provenance("fetal_head", "1.0.0", "ab" * 32, "CPU x86_64, 2 threads", "torch 2.13.0")
    attributes = origin.to_attributes()
    assert set(attributes) == {
        f"DeepMed.{name}" for name in ("Model", "Version", "SHA256", "Device", "Engine", "Date", "Software")
    }
    assert all(type(value) is str and value for value in attributes.values())
    assert Provenance.from_attributes({"Other": "x", **attributes}) == origin
    assert datetime.datetime.fromisoformat(origin.date).utcoffset() == datetime.timedelta(0)


def test_no_provenance_is_none() -> None:
    assert Provenance.from_attributes({"Other": "x"}) is None
