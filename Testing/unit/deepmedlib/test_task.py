"""Tasks and results as plain data: they survive the disk, and nothing but data gets through."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.errors import BadInput, DeepMedError, DependencyMissing, JobCancelled, OutOfMemory
from DeepMedLib.jobs.task import Task, TaskResult, load_result, load_task, run_here, save_result, save_task

FUNCTIONS = Path(__file__).parent / "functions"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FUNCTIONS))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.int16).reshape(2, 3, 4),
        np.asfortranarray(np.random.default_rng(0).normal(size=(3, 5))),
        np.zeros((0, 4), np.float32),
        np.array(3.5),
        np.array([True, False]),
        np.array(["mm", "größe"]),
        np.array([np.nan, np.inf, -0.0]),
        np.array([1 + 2j]),
        np.arange(4, dtype=">i4"),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_survive_bit_for_bit(tmp_path: Path, array: np.ndarray) -> None:
    save_task(Task("a.b:c", {"x": array}), tmp_path / "t")
    loaded = load_task(tmp_path / "t").arrays["x"]
    assert loaded.dtype == array.dtype and loaded.shape == array.shape
    assert loaded.tobytes() == array.tobytes()


def test_names_and_options_survive(tmp_path: Path) -> None:
    arrays = {name: np.array([number]) for number, name in enumerate(["file", "a/b", "../x", "größe 漢", "", "self"])}
    options = {"text": "Größe 漢\n", "list": [1, 2.5, None, True], "deep": {"a": {"b": [{}]}}, "nan": math.inf}
    folder = tmp_path / "Müller 漢字 folder"
    save_task(Task("package.module:run", arrays, options), folder)
    task = load_task(folder)
    assert task.function == "package.module:run"
    assert task.options == options
    assert {name: int(array[0]) for name, array in task.arrays.items()} == {n: i for i, n in enumerate(arrays)}
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.npz", "record.json"]


def test_numpy_scalars_become_numbers(tmp_path: Path) -> None:
    values = {"f": np.float32(0.5), "i": np.int64(7), "b": np.bool_(True)}
    save_result(TaskResult(values=values), tmp_path / "r")
    assert load_result(tmp_path / "r").values == {"f": 0.5, "i": 7, "b": True}


@pytest.mark.parametrize("options", [{"array": np.zeros(2)}, {"object": object()}, {"set": {1}}])
def test_an_option_that_is_not_json_is_refused(tmp_path: Path, options: dict) -> None:
    with pytest.raises(BadInput, match="cannot be stored"):
        save_task(Task("a:b", options=options), tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_python_objects_in_arrays_are_refused(tmp_path: Path) -> None:
    task = Task("job_functions:double", {"x": np.array([{}], dtype=object)})
    with pytest.raises(BadInput, match="'x' holds Python objects"):
        save_task(task, tmp_path / "t")
    with pytest.raises(BadInput, match="'x' holds Python objects"):
        run_here(task)


def test_a_pickle_among_the_arrays_is_not_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(tmp_path / "harm"),)

    save_result(TaskResult({"x": np.zeros(1)}), tmp_path / "r")
    np.savez(tmp_path / "r" / "arrays.npz", a0=np.array([Evil()], dtype=object))
    with pytest.raises(BadInput, match="cannot be read"):
        load_result(tmp_path / "r")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("damage", ["missing", "truncated", "not json"])
def test_a_damaged_result_is_a_clear_error(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "r"
    save_result(TaskResult({"x": np.arange(1000)}), folder)
    if damage == "missing":
        (folder / "arrays.npz").unlink()
    elif damage == "truncated":
        content = (folder / "arrays.npz").read_bytes()
        (folder / "arrays.npz").write_bytes(content[: len(content) // 2])
    else:
        (folder / "record.json").write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        load_result(folder)


@pytest.mark.parametrize("name", ["", "module", "module:", ":f", "a b:c", "os;system:x", "m:f.g"])
def test_a_function_must_be_named_whole(name: str) -> None:
    with pytest.raises(BadInput, match="does not name a function"):
        Task(name)


def test_run_here_computes_and_tells_its_progress() -> None:
    told: list[tuple[float, str]] = []
    image = np.arange(6.0).reshape(2, 3)
    task = Task("job_functions:double", {"image": image}, {"pair": (1, 2)})
    result = run_here(task, lambda fraction, message: told.append((fraction, message)))
    np.testing.assert_array_equal(result.arrays["image"], image * 2)
    assert result.values == {"options": {"pair": [1, 2]}, "total": 15.0}  # as JSON would give them
    assert told == [(0.25, "Doubling – läuft")]


def test_run_here_leaves_the_callers_arrays_alone() -> None:
    image = np.ones((4, 4))
    result = run_here(Task("job_functions:spectrum", {"image": image}))
    assert (image == 1).all()
    np.testing.assert_allclose(result.arrays["image"], 1.1)


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [
        ("refuse", BadInput, "blank – leer"),
        ("no_memory", OutOfMemory, "computer ran out"),
        ("no_cuda_memory", OutOfMemory, "graphics card ran out"),
        ("no_package", DependencyMissing, "'a_package_that_nobody_has' is not installed"),
        ("bug", DeepMedError, "KeyError"),
        ("cancelled", JobCancelled, "cancelled"),
        ("wrong_type", DeepMedError, "dict instead of a TaskResult"),
        ("nothing_of_this_name", DeepMedError, "cannot be found"),
    ],
)
def test_run_here_gives_typed_errors(function: str, kind: type, words: str) -> None:
    with pytest.raises(DeepMedError, match=words) as caught:
        run_here(Task(f"job_functions:{function}"))
    assert type(caught.value) is kind
    assert caught.value.remedy or kind is JobCancelled


def test_an_unexpected_error_keeps_its_cause() -> None:
    with pytest.raises(DeepMedError) as caught:
        run_here(Task("job_functions:bug"))
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_missing_module_of_ours_is_not_called_a_missing_package() -> None:
    with pytest.raises(DeepMedError, match="cannot be found") as caught:
        run_here(Task("DeepMedLib.no_such_file:run"))
    assert not isinstance(caught.value, DependencyMissing)


def test_progress_may_end_a_computation_here() -> None:
    def stop(fraction: float, message: str) -> None:
        if fraction > 0.1:
            raise JobCancelled("Enough.")

    started = time.monotonic()
    with pytest.raises(JobCancelled, match="Enough"):
        run_here(Task("job_functions:working"), stop)
    assert time.monotonic() - started < 1.5


def test_a_half_written_result_does_not_appear(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        save_result(TaskResult({"x": np.zeros(3)}, {"bad": object()}), tmp_path / "r")
    assert not (tmp_path / "r").exists()
