"""Names of labels: the known set, and every form of table that people have."""

from __future__ import annotations

from pathlib import Path

import pytest

from DeepMedLib.ct.label_names import label_names, spoken
from DeepMedLib.ct.totalsegmentator import LABELS
from DeepMedLib.errors import BadInput


def test_totalsegmentator_has_its_117_structures_at_their_values() -> None:
    assert sorted(LABELS) == list(range(1, 118)) and len(set(LABELS.values())) == 117
    # from the class map of TotalSegmentator v2, at both ends and at every change of pattern
    published = {
        **{
            1: "spleen",
            2: "kidney_right",
            3: "kidney_left",
            5: "liver",
            8: "adrenal_gland_right",
            10: "lung_upper_lobe_left",
        },
        **{13: "lung_middle_lobe_right", 14: "lung_lower_lobe_right", 16: "trachea", 21: "urinary_bladder"},
        **{23: "kidney_cyst_left", 24: "kidney_cyst_right", 26: "vertebrae_S1", 27: "vertebrae_L5", 31: "vertebrae_L1"},
        **{32: "vertebrae_T12", 43: "vertebrae_T1", 44: "vertebrae_C7", 50: "vertebrae_C1", 51: "heart", 52: "aorta"},
        **{55: "subclavian_artery_right", 58: "common_carotid_artery_left", 59: "brachiocephalic_vein_left"},
        **{61: "atrial_appendage_left", 64: "portal_vein_and_splenic_vein", 65: "iliac_artery_left", 78: "hip_right"},
        **{79: "spinal_cord", 80: "gluteus_maximus_left", 89: "iliopsoas_right", 90: "brain", 91: "skull"},
        **{92: "rib_left_1", 103: "rib_left_12", 104: "rib_right_1", 115: "rib_right_12", 116: "sternum"},
        117: "costal_cartilages",
    }
    assert {value: LABELS[value] for value in published} == published


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("kidney_right", "right kidney"),
        ("Left  lung", "Left lung"),
        ("lung_upper_lobe_left", "left lung upper lobe"),
        ("rib_left_3", "left rib 3"),
        ("liver", "liver"),
        ("right", "right"),
    ],
)
def test_names_as_people_say_them(written: str, said: str) -> None:
    assert spoken(written) == said


TABLES = {
    "slicer.ctbl": "# Color table\n0 Background 0 0 0 0\n1 liver 221 130 101 255\n2 kidney_right 185 102 83 255\n",
    "spaced.txt": "1 liver 221 130 101 255\n2 right kidney 185 102 83 255\n",
    "itk.label": '# ITK-SNAP\n    0     0    0    0        0  0  0    "Clear Label"\n'
    '    1   255    0    0        1  1  1    "liver"\n    2     0  255    0        1  1  1    "kidney_right"\n',
    "new.csv": "LabelValue,Name,Color_R,Color_G,Color_B,Color_A\n1,liver,221,130,101,255\n2,kidney_right,1,2,3,255\n",
    "german.csv": "id;structure\n1;liver\n2;kidney_right\n",
    "by_value.json": '{"0": "background", "1": "liver", "2": "kidney_right"}',
    "by_name.json": '{"background": 0, "liver": 1, "kidney_right": 2}',
    "dataset.json": '{"name": "x", "labels": {"background": 0, "liver": 1, "kidney_right": 2}}',
    "objects.json": '{"labels": [{"value": 1, "name": "liver"}, {"value": 2, "name": "kidney_right"}]}',
}


@pytest.mark.parametrize("name", TABLES)
def test_every_usual_table_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TABLES[name], encoding="utf-8")
    assert label_names(tmp_path / name) == {1: "liver", 2: "right kidney"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gone.ctbl", None, "no set and no file"),
        ("words.txt", "once upon a time\n", "no table of label names"),
        ("empty.json", "{}", "names no label"),
        ("broken.json", "{", "no table of label names"),
        ("columns.csv", "a,b\n1,2\n", "no table of label names"),
        ("twice.ctbl", "1 liver 1 2 3 255\n1 spleen 1 2 3 255\n", "names the value 1 twice"),
    ],
)
def test_what_is_no_table_says_so(name: str, text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words) as refused:
        label_names(tmp_path / name)
    assert refused.value.remedy


def test_the_known_set_is_found_in_any_case() -> None:
    assert label_names("TotalSegmentator")[2] == "right kidney"
