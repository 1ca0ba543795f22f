"""`deepmed ep` and `deepmed evaluate ep_shell` on files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from vtk.util.numpy_support import vtk_to_numpy

from deepmed_headless.cli.app import app
from EPMappingLib.exports.shells import read_poly_data
from EPMappingLib.exports.study import ChamberMap, PointTable, Study
from EPMappingLib.phantom.files import write_study
from EPMappingLib.phantom.shells import sphere, sphere_distance
from EPMappingLib.surface.mesh import Surface


def deepmed(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, " ".join(result.output.split())


def ball() -> Surface:
    return sphere(3)


def write_legacy(surface: Surface, arrays: dict[str, np.ndarray], path: Path) -> Path:
    """The shell as legacy VTK, written by hand."""
    lines = [
        "# vtk DataFile Version 3.0",
        "shell",
        "ASCII",
        "DATASET POLYDATA",
        f"POINTS {len(surface.vertices)} double",
    ]
    lines += [" ".join(f"{x:.9g}" for x in point) for point in surface.vertices]
    lines += [f"POLYGONS {len(surface.faces)} {4 * len(surface.faces)}"]
    lines += [f"3 {a} {b} {c}" for a, b, c in surface.faces]
    lines += [f"POINT_DATA {len(surface.vertices)}"]
    for name, values in arrays.items():
        lines += [f"SCALARS {name} double 1", "LOOKUP_TABLE default", *(f"{value:.9g}" for value in values)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_points_on_a_shell_become_a_folder_of_results(tmp_path: Path) -> None:
    """Points in RAS on a sphere at 0.6 m/s: the map's arrays, its numbers, and its curves as files."""
    surface = ball()
    lat = sphere_distance(surface, 0) / 0.6
    at = np.random.default_rng(3).choice(len(lat), 150, replace=False)
    voltage = np.where(surface.vertices[at, 2] > 10, 0.2, 2.0)
    points = PointTable(surface.vertices[at], {"LAT": lat[at], "Bipolar": voltage}, tuple(map(str, range(len(at)))))
    shell, table = write_study(Study("ball", (ChamberMap("ball", surface, {}, points),)), tmp_path, "ball")
    code, output = deepmed("ep", shell, "--points", table, "--points-axes", "RAS", "--out", tmp_path / "out")
    assert code == 0, output
    folder = tmp_path / "out" / "ball"
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    found = {item["name"]: item for item in record["measurements"]}
    assert found["CV_median"]["value"] == pytest.approx(0.6, rel=0.03) and found["CV_median"]["sd"] > 0
    wanted = {
        "map.vtp",
        "isochrones.mrk.json",
        "sites.mrk.json",
        "points.csv",
        "overlay.png",
        "report.pdf",
        "scene.mrb",
    }
    assert wanted <= set(record["files"])
    data = read_poly_data(folder / "map.vtp")
    assert data.GetNumberOfPolys() == len(surface.faces)
    for name in ("LAT_ms", "LAT_sd_ms", "Bipolar_mV", "Measured"):
        assert data.GetPointData().GetArray(name) is not None, name
    excluded = vtk_to_numpy(data.GetCellData().GetArray("Excluded"))
    speeds = vtk_to_numpy(data.GetCellData().GetArray("CV_m_per_s"))
    assert np.isfinite(speeds[excluded == 0]).all() and np.isnan(speeds[excluded == 1]).all()


def test_the_user_says_which_array_and_which_unit(tmp_path: Path) -> None:
    """Two arrays of times: one has to be named; in seconds it gives the same velocity, as ms a grave sentence."""
    surface = ball()
    seconds = sphere_distance(surface, 0) / 0.6 / 1000
    path = write_legacy(surface, {"CS_LAT": seconds, "HRA_LAT": seconds}, tmp_path / "two.vtk")
    code, output = deepmed("ep", path, "--out", tmp_path / "out")
    assert code == 2 and "CS_LAT, HRA_LAT" in output and not (tmp_path / "out" / "two").exists()
    code, output = deepmed("ep", path, "--lat", "CS_LAT", "--unit", "s", "--out", tmp_path / "s")
    assert code == 0 and "0.60 m/s" in output
    code, output = deepmed("ep", path, "--lat", "CS_LAT", "--out", tmp_path / "ms")
    assert code == 0 and "most likely seconds" in output


def test_shells_are_evaluated_with_the_cells_of_the_input(tmp_path: Path) -> None:
    """per_case.csv has the named columns; a shell without the array keeps its row with the reason."""
    surface = ball()
    write_legacy(surface, {"t": sphere_distance(surface, 0) / 0.6}, tmp_path / "a.vtk")
    write_legacy(surface, {"other": surface.vertices[:, 0]}, tmp_path / "b.vtk")
    code, output = deepmed("evaluate", "ep_shell", tmp_path, "--lat", "t", "--out", tmp_path / "out")
    assert code == 0, output
    with (tmp_path / "out" / "per_case.csv").open(encoding="utf-8") as stream:
        first, second = csv.DictReader(stream)
    assert float(first["cv_median"]) == pytest.approx(0.6, rel=0.01)
    assert float(first["mapped_cm2"]) == pytest.approx(surface.areas.sum() / 100, rel=1e-4)
    assert float(first["cv_q25"]) <= float(first["cv_median"]) <= float(first["cv_q75"])
    assert second["case"] == "b" and second["cv_median"] == "" and "'t'" in second["reason"]
    data = read_poly_data(tmp_path / "out" / "a.vtp")
    faces = vtk_to_numpy(data.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    np.testing.assert_array_equal(faces, surface.faces)
    assert data.GetCellData().GetArray("CV_m_per_s").GetNumberOfTuples() == len(faces)


@pytest.mark.data
def test_a_pig_s_study_has_four_maps_and_no_activation(sharedData: Path, tmp_path: Path) -> None:
    path = sharedData / "electrophysiology" / "ep-carto-pig" / "Export_Study-1.zip"
    if not path.is_file():
        pytest.skip("no ep-carto-pig here")
    code, output = deepmed("ep", path, "--out", tmp_path)
    assert code == 0, output
    record = json.loads((tmp_path / "Export_Study-1" / "result.json").read_text(encoding="utf-8"))
    told = " ".join(record["warnings"])
    assert "4 maps" in told and "No activation time (LAT) is annotated" in told and "map 2-Map" in told
    assert record["ablation_sites"] == 22 and "CV_median" not in {item["name"] for item in record["measurements"]}
    code, output = deepmed("ep", path, "--map", "1-Map", "--out", tmp_path / "one")
    assert code == 2 and "no annotated activation time and no voltage" in output
    assert not (tmp_path / "one" / "Export_Study-1").exists()
