"""What mapping systems export, read back with its axes and what is missing; and files that are none of it."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import vtk
from scipy.spatial import cKDTree

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from EPMappingLib.exports.archive import files_of_zip
from EPMappingLib.exports.axes import AXES, to_ras
from EPMappingLib.exports.carto_mesh import read_mesh
from EPMappingLib.exports.carto_points import read_car, read_point_xml
from EPMappingLib.exports.reading import read_study, studies_in
from EPMappingLib.exports.study import AblationSites, ChamberMap, PointTable, Study
from EPMappingLib.exports.tables import read_points
from EPMappingLib.maps.mapping import frame_remarks
from EPMappingLib.phantom.carto_files import car_text, mesh_text, write_carto
from EPMappingLib.phantom.shells import sphere
from EPMappingLib.quantities import BIPOLAR, LAT, chosen, in_ms
from EPMappingLib.surface.projection import poly_data


def _study() -> Study:
    surface = sphere(2)
    lat = np.where(surface.vertices[:, 2] > 0, surface.vertices[:, 0], np.nan)
    points = PointTable(surface.vertices[:3], {"LAT": np.array([1.5, np.nan, -20.0])}, ("P1", "P2", "P3"))
    sites = AblationSites(surface.vertices[5:7], ("Ablation 1", "Ablation 2"))
    return Study("S", (ChamberMap("1-Map", surface), ChamberMap("2-Map", surface, {"LAT": lat}, points)), sites)


def test_axes_are_rotations() -> None:
    """None mirrors the heart; CARTO's is (-x, z, y)."""
    assert all(np.linalg.det(matrix) == pytest.approx(1.0) for matrix in AXES.values())
    np.testing.assert_array_equal(to_ras(np.array([1.0, 2.0, 3.0]), "CARTO"), [[-1.0, 3.0, 2.0]])
    np.testing.assert_array_equal(to_ras(np.array([1.0, 2.0, 3.0]), "LPS"), [[-1.0, -2.0, 3.0]])
    with pytest.raises(BadInput, match="no axes called 'XYZ'"):
        to_ras(np.zeros(3), "XYZ")


@pytest.mark.parametrize("unpacked", [False, True])
def test_an_export_is_read_as_zip_and_as_folder(tmp_path: Path, unpacked: bool) -> None:
    """Both maps, colors, points and sites in RAS; -10000 is NaN; the map with values is taken."""
    made = _study()
    path = write_carto(made, tmp_path / "Export.zip")
    if unpacked:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "folder")
        path = tmp_path / "folder"
    found = read_study(path)
    assert [each.name for each in found.maps] == ["1-Map", "2-Map"]
    chosen_map, known = found.map(), made.maps[1]
    assert chosen_map.name == "2-Map" and chosen_map.points is not None and known.points is not None
    np.testing.assert_allclose(chosen_map.surface.vertices, known.surface.vertices, atol=6e-4)
    np.testing.assert_array_equal(chosen_map.surface.faces, known.surface.faces)
    np.testing.assert_allclose(chosen_map.arrays["LAT"], known.arrays["LAT"], atol=6e-6)
    np.testing.assert_allclose(chosen_map.points.positions, known.points.positions, atol=6e-5)
    np.testing.assert_allclose(chosen_map.points.columns["LAT"], [1.5, np.nan, -20.0])
    assert np.isnan(chosen_map.points.columns["Bipolar"]).all()
    assert found.sites is not None and made.sites is not None and found.sites.names == made.sites.names
    np.testing.assert_allclose(found.sites.positions, made.sites.positions, atol=1e-6)
    assert found.map("1-map").name == "1-Map"
    with pytest.raises(BadInput, match="no map '3'"):
        found.map("3")
    assert "2 maps" in found.remarks[0].text and "does not document" in found.remarks[1].text


def test_a_mesh_alone_brings_the_points_beside_it(tmp_path: Path) -> None:
    (tmp_path / "2-Map.mesh").write_text(mesh_text(_study().maps[1]), encoding="latin-1")
    points = _study().maps[1].points
    assert points is not None
    (tmp_path / "2-Map_car.txt").write_text(car_text("2-Map", points), encoding="latin-1")
    found = read_study(tmp_path / "2-Map.mesh")
    assert len(found.maps) == 1 and found.map().points is not None and len(found.map().points or ()) == 3


def test_a_zip_with_an_overwritten_first_header_is_read(tmp_path: Path) -> None:
    """As one export in the field: Python's zipfile refuses it, the central directory is intact."""
    path = write_carto(_study(), tmp_path / "Export.zip")
    content = bytearray(path.read_bytes())
    content[:4] = b"PK\x05\x06"
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive, pytest.raises(zipfile.BadZipFile):
        archive.read(archive.namelist()[0])
    assert len(read_study(path).maps) == 2


def test_a_damaged_entry_is_said(tmp_path: Path) -> None:
    """One byte of the packed mesh changed: the checksum tells."""
    path = write_carto(_study(), tmp_path / "Export.zip")
    content = bytearray(path.read_bytes())
    content[400] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"1-Map.mesh in Export.zip is damaged"):
        read_study(path)


def test_no_file_of_a_zip_grows_beyond_what_its_directory_tells(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt", b"0" * 100_000)
    content = (tmp_path / "a.zip").read_bytes()
    told = content.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "a.zip").write_bytes(told)
    with pytest.raises(BadInput, match="damaged"):
        files_of_zip(tmp_path / "a.zip")[PurePosixPath("x.txt")]()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("no.zip", b"not a zip", "cannot be opened as a zip file"),
        ("no.mesh", b"#Something", "no CARTO mesh"),
        ("no.vtp", b"<VTKFile", "no surface that can be read"),
        ("no.stl", b"", "no surface that can be read"),
        ("scan.nii", b"x", "no shell or export"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=words):
        read_study(tmp_path / name)


def test_a_zip_or_folder_without_a_map_gets_a_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(BadInput, match="holds no CARTO map"):
        read_study(tmp_path / "photos.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no CARTO map"):
        read_study(tmp_path / "empty")
    with pytest.raises(BadInput, match="no shell and no export"):
        studies_in(tmp_path / "empty")
    with pytest.raises(BadInput, match="There is no"):
        read_study(tmp_path / "gone.vtp")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("NumVertex              = 162", "NumVertex              = 163", "says 163 vertices"),
        ("       0 =        0", "       0 =      999", "vertices that are not there"),
        ("[TrianglesSection]", "[Nothing]", "no vertices or no triangles"),
    ],
)
def test_a_mesh_that_was_cut_or_changed_is_refused(old: str, new: str, words: str) -> None:
    text = mesh_text(_study().maps[0])
    if "999" in new:
        section = text.index("[TrianglesSection]")
        first = text.index("       0 =", section)
        text = text[:first] + "       0 =      999" + text[first + 19 :]
    else:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(BadInput, match=words):
        read_mesh(text.encode("latin-1"), "a.mesh")


def test_triangles_that_the_system_took_out_are_left_out() -> None:
    """GroupID -1000000."""
    text = mesh_text(_study().maps[0])
    start = text.index("       0 =", text.index("[TrianglesSection]"))
    end = text.index("\r\n", start)
    text = text[:start] + text[start:end].removesuffix(" 0") + " -1000000" + text[end:]
    assert len(read_mesh(text.encode("latin-1"), "a")[0].faces) == len(_study().maps[0].surface.faces) - 1


@pytest.mark.parametrize("content", [b"", b"<xml/>", b"VERSION_5_0 a\r\nP\t0\t1\t0\t1\t2\t3\r\n"])
def test_a_list_of_points_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_car(content, "a_car.txt")


def test_points_are_read_from_their_own_files_where_there_is_no_list() -> None:
    """LAT is map less reference annotation, in the window of interest; a tip's place is that at the annotation."""

    def point(annotation: int) -> bytes:
        return (
            f'<Point ID="1"><Annotations Reference_Annotation="2000" Map_Annotation="{annotation}" />'
            '<WOI From="-50" To="180" /><Voltages Unipolar="1.9" Bipolar="-10000" />'
            '<Positions><Connector A="p_Eleclectrode_Positions_OnAnnotation.txt" /></Positions></Point>'
        ).encode()

    files = {
        "1.xml": point(2035),
        "2.xml": point(-8000),
        "p_Eleclectrode_Positions_OnAnnotation.txt": b"Eleclectrode_Positions_2.0\n# Time X Y Z\n1 4 1 2 3\n",
    }
    index = (
        b'<Points><Point ID="7" File_Name="1.xml"/><Point ID="8" File_Name="2.xml"/><Point File_Name="3.xml"/></Points>'
    )
    found = read_point_xml(index, files.get, "a.xml")
    assert found.names == ("P7", "P8")
    np.testing.assert_array_equal(found.positions, [[1, 2, 3], [1, 2, 3]])
    np.testing.assert_array_equal(found.columns["LAT"], [35, np.nan])
    assert np.isnan(found.columns["Bipolar"]).all() and found.columns["Unipolar"][0] == 1.9
    with pytest.raises(BadInput, match="entities"):
        read_point_xml(b"<!DOCTYPE x><Points/>", files.get, "a.xml")
    with pytest.raises(BadInput, match="cannot be read"):
        read_point_xml(b"<Points>", files.get, "a.xml")


@pytest.mark.parametrize("suffix", [".vtp", ".vtk", ".ply", ".stl", ".obj"])
def test_every_kind_of_shell_is_read(tmp_path: Path, suffix: str) -> None:
    """As LPS unless said otherwise; triangles connected, also in STL, which has no shared corners."""
    writers = {
        ".vtp": vtk.vtkXMLPolyDataWriter, ".vtk": vtk.vtkPolyDataWriter, ".ply": vtk.vtkPLYWriter,
        ".stl": vtk.vtkSTLWriter, ".obj": vtk.vtkOBJWriter,
    }  # fmt: skip
    surface, writer = sphere(2), writers[suffix]()
    writer.SetFileName(str(tmp_path / f"a{suffix}"))
    writer.SetInputData(poly_data(surface))
    writer.Write()
    found = read_study(tmp_path / f"a{suffix}").map().surface
    assert len(found.vertices) == len(surface.vertices) and len(np.unique(found.components)) == 1
    distance, _ = cKDTree(surface.vertices * [-1, -1, 1]).query(found.vertices)
    assert distance.max() < 1e-4
    as_ras = read_study(tmp_path / f"a{suffix}", "RAS").map().surface
    np.testing.assert_allclose(as_ras.vertices, found.vertices * [-1, -1, 1])


def test_a_file_that_says_its_axes_is_believed(tmp_path: Path) -> None:
    """Slicer writes SPACE=RAS into the header of the models that it saves so."""
    writer = vtk.vtkPolyDataWriter()
    writer.SetFileName(str(tmp_path / "a.vtk"))
    writer.SetHeader("3D Slicer output. SPACE=RAS")
    writer.SetInputData(poly_data(sphere(2)))
    writer.Write()
    np.testing.assert_allclose(read_study(tmp_path / "a.vtk").map().surface.vertices, sphere(2).vertices, atol=1e-4)


def test_columns_are_picked_by_name_and_by_hand(tmp_path: Path) -> None:
    """Titles, semicolons, decimal commas; empty cells, -10000 and nan are missing."""
    path = tmp_path / "a.csv"
    path.write_text("ID;East;North;Up;LAT (ms);word\na;1;2;3;5,5;x\nb;4;5;6;-10000;y\nc;7;8;9;;z\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"no columns X, Y and Z.*East"):
        read_points(path, "RAS")
    found = read_points(path, "LPS", ("East", "north", "Up"))
    np.testing.assert_array_equal(found.positions[0], [-1, -2, 3])
    np.testing.assert_array_equal(found.columns["LAT (ms)"], [5.5, np.nan, np.nan])
    assert found.names == ("a", "b", "c") and "word" not in found.columns
    assert chosen(found.columns, "", LAT) == "LAT (ms)" and chosen(found.columns, "", BIPOLAR) == ""


@pytest.mark.parametrize(
    ("text", "words"), [("", "no points"), ("X,Y,Z\n", "no points"), ("X,X,Y,Z\n1,1,1,1\n", "same title")]
)
def test_a_table_without_points_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        read_points(tmp_path / "a.csv", "RAS")


def test_the_array_of_a_quantity_is_found_or_asked_for() -> None:
    held = {"CS_LAT": np.zeros(1), "HRA_LAT": np.zeros(1), "bi": np.zeros(1), "valve": np.zeros(1)}
    assert chosen(held, "", BIPOLAR) == "bi" and chosen(held, "hra_lat", LAT) == "HRA_LAT"
    with pytest.raises(BadInput, match="CS_LAT, HRA_LAT"):
        chosen(held, "", LAT)
    with pytest.raises(BadInput, match="no array or column 'x'"):
        chosen(held, "x", LAT)
    np.testing.assert_allclose(in_ms(np.array([0.1]), "s"), [100.0])


@pytest.mark.data
def test_a_pig_s_export_is_read_despite_its_header(sharedData: Path) -> None:
    path = sharedData / "electrophysiology" / "ep-carto-pig" / "Export_Study-1.zip"
    if not path.is_file():
        pytest.skip("no ep-carto-pig here")
    found = read_study(path)
    assert sorted(each.name for each in found.maps) == ["1-1-ReMap", "1-Map", "2-Map", "3-Map"]
    taken = found.map()
    assert taken.name == "2-Map" and taken.points is not None and len(taken.points) == 2
    assert np.isnan(taken.points.columns["LAT"]).all() and np.isnan(taken.arrays["LAT"]).all()
    np.testing.assert_allclose(taken.points.columns["Bipolar"], [0.024, 0.03])
    assert found.sites is not None and len(found.sites.names) == 22


@pytest.mark.data
@pytest.mark.parametrize(("axes", "least", "most", "warned"), [("LPS", 4.7, 4.9, False), ("RAS", 49, 51, True)])
def test_points_of_a_pig_lie_on_its_contours(
    sharedData: Path, axes: str, least: float, most: float, warned: bool
) -> None:
    """152 points: median 4.8 mm from the inner contours as LPS; with the wrong sign 50 mm, and warned of."""
    import pydicom

    folder = sharedData / "electrophysiology" / "ep-wright"
    if not folder.is_dir():
        pytest.skip("no ep-wright here")
    wall = []
    for path in sorted((folder / "sax_phase1").glob("*.dcm")):
        slice_ = pydicom.dcmread(path, stop_before_pixels=True)
        contour = folder / "lvContours_phase1" / f"IM-0001-{int(path.stem[1:]):04d}-icontour-auto.txt"
        if not contour.is_file():
            continue
        x, y = np.loadtxt(contour).T
        row, column = np.array(slice_.ImageOrientationPatient, float).reshape(2, 3)
        spacing = np.array(slice_.PixelSpacing, float)
        origin = np.array(slice_.ImagePositionPatient, float)
        wall.append(origin + np.outer(x * spacing[1], row) + np.outer(y * spacing[0], column))
    points = read_points(folder / "epPoints.csv", axes)
    assert (
        len(points) == 152
        and chosen(points.columns, "", LAT) == "LAT"
        and chosen(points.columns, "", BIPOLAR) == "Volt"
    )
    distances, _ = cKDTree(to_ras(np.vstack(wall), "LPS")).query(points.positions)
    assert least < np.median(distances) < most
    remarks = frame_remarks(distances)
    assert bool(remarks) == warned
    if warned:
        assert remarks[0].gravity is Gravity.GRAVE and "LPS" in remarks[0].text
