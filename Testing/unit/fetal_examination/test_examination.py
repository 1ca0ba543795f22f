"""A whole examination: the worked example, uncertainty carried on, and standards that must not be mixed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Measurement
from DeepMedLib.picture.scale import Scale
from DeepMedLib.remark import Gravity, Remark
from FetalBiometryLib.examination.options import ExaminationOptions
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.dating import CRL_INTERGROWTH, CRL_ROBINSON
from FetalBiometryLib.growth.standards import IG21, WHO, standard
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.growth.weight import INTERGROWTH, estimated_weight

OUTER_BPD = 0.555934 + 1.027318 * 71
Of = Callable[..., ExaminationResult]


def named(result: ExaminationResult) -> dict[str, Measurement]:
    found = {m.name: m for m in result.measurements()}
    assert len(found) == len(result.measurements())
    return found


def test_worked_example(of: Of, fetus: list[Any]) -> None:
    """Reference values of one fetus: GA 27.907 w by all four, EFW 1198.8 g by Hadlock IV."""
    result = of(*fetus, ga_weeks=28.0)
    found = named(result)
    assert found["GA"].value == pytest.approx(27.907, abs=5e-4)
    assert found["GA"].source == "Hadlock 1984 (BPD, HC, AC, FL)" and found["GA"].label.endswith("by biometry")
    assert found["EFW"].value == pytest.approx(1198.8, abs=0.05)
    assert found["EFW"].label == "Estimated fetal weight (BPD, HC, AC, FL)"
    assert found["BPD"].value == pytest.approx(OUTER_BPD) and found["BPD"].label == "BPD outer-outer"
    assert found["HC/AC"].value == pytest.approx(260 / 240)
    assert found["FL/AC"].value == pytest.approx(100 * 53 / 240)
    assert found["FL/BPD"].value == pytest.approx(100 * 53 / OUTER_BPD)
    assert {n: round(a.weeks, 3) for n, a in result.single_ages.items()} == {
        "BPD": 28.511,
        "HC": 28.273,
        "AC": 28.286,
        "FL": 28.163,
    }
    chart = standard(IG21)
    for name, value in (("HC", 260.0), ("AC", 240.0), ("FL", 53.0), ("BPD", OUTER_BPD)):
        assert found[f"{name}_z"].value == pytest.approx(chart.z_score(name, 28.0, value))
        assert found[f"{name}_centile"].value == pytest.approx(chart.centile(name, 28.0, value))
    efw = standard(f"{IG21} EFW 2020")
    assert found["EFW_centile"].value == pytest.approx(efw.centile("EFW", 28.0, result.weight.grams))  # type: ignore[union-attr]
    assert result.status() == "done" and result.reason() == "" and result.warnings() == []


def test_ages_that_no_fetus_can_have_are_left_out_and_said(of: Of, measured: Callable[..., Any]) -> None:
    head, abdomen = measured("head", "head.png", HC=(420, 4)), measured("abdomen", "abdomen.png", AC=(240, 4.8))
    both, alone = of(head, abdomen), of(head)
    assert set(both.single_ages) == set(both.to_json()["ages"]) == {"AC"} and both.age is not None
    assert "no fetus is old enough for this HC" in " ".join(both.warnings())
    assert alone.age is None and alone.single_ages == {} and "GA" not in named(alone)
    assert "no fetus is old enough for this HC" in " ".join(alone.warnings())
    assert alone.averages["HC"].value == 420


@pytest.mark.parametrize("convention", ["outer-outer", "outer-inner"])
def test_reported_convention_changes_nothing_but_bpd(of: Of, fetus: list[Any], convention: str) -> None:
    found = named(of(*fetus, ga_weeks=28.0, bpd_convention=convention))
    assert found["BPD"].value == pytest.approx(71 if convention == "outer-inner" else OUTER_BPD)
    assert convention in found["BPD"].label and convention in found["FL/BPD"].label
    assert found["EFW"].value == pytest.approx(1198.8, abs=0.05)
    assert found["GA"].value == pytest.approx(27.907, abs=5e-4)


def test_weight_takes_what_there_is(of: Of, fetus: list[Any]) -> None:
    head, abdomen, femur = fetus
    without_bpd = replace(head, values={k: v for k, v in head.values.items() if k != "BPD"})
    for pictures, grams, parameters in (
        ((abdomen, femur), 1229.6, "(AC, FL)"),
        ((without_bpd, abdomen, femur), 1197.1, "(HC, AC, FL)"),
    ):
        found = named(of(*pictures, ga_weeks=28.0))
        assert found["EFW"].value == pytest.approx(grams, abs=0.05) and parameters in found["EFW"].label
    none = of(head, ga_weeks=28.0)
    assert "EFW" not in named(none) and "needs at least AC and FL" in none.weight_note
    assert any("No weight is estimated" in w for w in none.warnings())


def test_charts_of_weight_are_not_mixed(of: Of, fetus: list[Any]) -> None:
    """The 2020 chart is for Hadlock weights, the 2017 chart for INTERGROWTH's own."""
    hadlock = of(*fetus, ga_weeks=28.0)
    own = of(*fetus, ga_weeks=28.0, weight_family=INTERGROWTH)
    assert hadlock.placements["EFW"].standard == f"{IG21} EFW 2020"
    assert own.placements["EFW"].standard == f"{IG21} EFW 2017"
    assert named(own)["EFW"].value == pytest.approx(1144.7, abs=0.05)
    assert named(own)["EFW"].label == "Estimated fetal weight (AC, HC)"
    who = of(*fetus, ga_weeks=28.0, standard=WHO, weight_family=INTERGROWTH)
    assert who.placements["EFW"].z is None and "no weight chart" in who.placements["EFW"].note
    for mixed in (
        {"efw_standard": f"{IG21} EFW 2017"},
        {"efw_standard": f"{IG21} EFW 2020", "weight_family": INTERGROWTH},
        {"efw_standard": WHO, "weight_formula": "INTERGROWTH-21st 2017 (AC, HC)"},
    ):
        with pytest.raises(BadInput, match="no weight chart"):
            of(*fetus, ga_weeks=28.0, **mixed)


def test_standards_can_be_chosen(of: Of, fetus: list[Any]) -> None:
    girl = of(*fetus, ga_weeks=28.0, standard=WHO, sex="girl")
    assert girl.placements["AC"].standard == WHO
    assert girl.placements["EFW"].standard == f"{WHO} girls (EFW)"
    hadlock = of(*fetus, ga_weeks=28.0, efw_standard="Hadlock 1991")
    assert hadlock.placements["EFW"].standard == "Hadlock 1991"
    assert hadlock.placements["AC"].standard == IG21
    only_weight = of(*fetus, ga_weeks=28.0, standard="Hadlock 1991")
    assert only_weight.placements["EFW"].z is not None
    assert "has no chart of AC" in only_weight.placements["AC"].note
    assert any("has no chart of AC" in w for w in only_weight.warnings())
    for wrong in ({"standard": "Nobody"}, {"sex": "x"}, {"weight_formula": "V"}, {"dating": "LMP"}, {"ga_weeks": 90.0}):
        with pytest.raises(BadInput):
            of(*fetus, **{"ga_weeks": 28.0, **wrong})


def test_own_growth_table(of: Of, fetus: list[Any], tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text(
        "Gestational Age (weeks),Group,Measure,10th Percentile,50th Percentile,90th Percentile\n"
        "28,a,HC,250,260,270\n29,a,HC,260,270,280\n28,b,HC,240,250,260\n29,b,HC,250,260,270\n",
        encoding="utf-8",
    )
    result = of(*fetus, ga_weeks=28.0, growth_table=str(table), growth_group="a")
    assert result.placements["HC"].centile == pytest.approx(50) and "own (a)" in result.placements["HC"].standard
    assert "no chart of AC" in result.placements["AC"].note
    assert "no weight chart" in result.placements["EFW"].note  # the table has none, and none is put in its place
    assert (
        of(*fetus, ga_weeks=28.0, growth_table=str(table), growth_group="a", efw_standard=f"{IG21} EFW 2020")
        .placements["EFW"]
        .z
    )
    assert result.to_json()["options"]["growth_table"] == "own.csv"  # not the folder of the user
    with pytest.raises(BadInput, match="group"):
        of(*fetus, ga_weeks=28.0, growth_table=str(table))


def test_uncertainty_reaches_weight_and_centile(of: Of, fetus: list[Any]) -> None:
    """Against a simulation with independent calipers and one common error of the pixel size."""
    share = 0.012
    scale = Scale(0.2, 0.2, "depth ruler", False, "", share)
    own = {"BPD": 0.7, "HC": 2.6, "AC": 4.8, "FL": 0.8}
    pictures = [
        replace(
            p,
            scale=scale,
            values={n: (v, math.hypot(own.get(n, 0.9), share * v), u) for n, (v, _, u) in p.values.items()},
        )
        for p in fetus
    ]
    result = of(*pictures, ga_weeks=28.0)
    assert result.weight is not None and result.weight.sd is not None and result.age is not None
    rng = np.random.default_rng(1)
    weights, ages, z = [], [], []
    for _ in range(4000):
        head, common = rng.standard_normal(), 1 + share * rng.standard_normal()
        drawn = {
            "BPD": (71 + own["BPD"] * head) * common,
            "HC": (260 + own["HC"] * head) * common,
            "AC": (240 + own["AC"] * rng.standard_normal()) * common,
            "FL": (53 + own["FL"] * rng.standard_normal()) * common,
        }
        weight = estimated_weight(drawn)
        weights.append(weight.grams)
        z.append(standard(f"{IG21} EFW 2020").z_score("EFW", 28.0, weight.grams))
        b, h, a, f = (drawn[n] / 10 for n in ("BPD", "HC", "AC", "FL"))
        ages.append(10.85 + 0.060 * h * f + 0.6700 * b + 0.1680 * a)
    assert result.weight.sd == pytest.approx(float(np.std(weights)), rel=0.05)
    assert result.age.sd == pytest.approx(float(np.std(ages)), rel=0.05)
    placed = result.placements["EFW"]
    assert placed.z_sd == pytest.approx(float(np.std(z)), rel=0.06)
    assert placed.centile_low == pytest.approx(100 * _cdf(float(np.quantile(z, 0.025))), abs=2.5)
    exact = of(*[replace(p, scale=replace(scale, relative_sd=0.0)) for p in fetus], ga_weeks=28.0)
    assert exact.weight is not None and exact.weight.sd is not None and exact.weight.sd < result.weight.sd


def _cdf(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def test_the_scale_cancels_in_ratios(of: Of, fetus: list[Any]) -> None:
    scale = Scale(0.2, 0.2, "depth ruler", False, "", 0.05)
    wide = [
        replace(p, scale=scale, values={n: (v, math.hypot(s or 0, 0.05 * v), u) for n, (v, s, u) in p.values.items()})
        for p in fetus
    ]
    narrow, blurred = named(of(*fetus)), named(of(*wide))
    assert blurred["HC"].sd is not None and narrow["HC"].sd is not None and blurred["HC"].sd > 4 * narrow["HC"].sd
    for ratio in ("HC/AC", "FL/AC", "FL/HC"):
        assert blurred[ratio].sd == pytest.approx(narrow[ratio].sd, rel=1e-6)


def test_unknown_uncertainty_stays_unknown(of: Of, fetus: list[Any]) -> None:
    head, abdomen, femur = fetus
    by_hand = replace(abdomen, edited=True, values={"AC": (240.0, None, "mm")})
    result = of(head, by_hand, femur, ga_weeks=28.0)
    assert result.weight is not None and result.weight.sd is None
    assert result.age is not None and result.age.sd is None
    assert result.placements["AC"].centile_low is None and result.placements["HC"].centile_low is not None
    assert "sd" in json.dumps(result.to_json(), allow_nan=False)


def test_best_picture_and_means(of: Of, measured: Callable[..., Any]) -> None:
    pictures = [
        measured("head", "a.png", HC=(260, 3), quality_score=0.9),
        measured("head", "b.png", HC=(264, 3), quality_score=0.95),
        measured("head", "c.png", HC=(330, 3), quality_score=0.99),
        measured("head", "d.png", HC=(100, 3), quality_score=1.0, vouched=False),
        measured("femur", "e.png", FL=(50, 1), scale=None, quality_score=1.0),
        measured("femur", "f.png", FL=(53, 1), frame=4, quality_score=0.2),
    ]
    result = of(*pictures, skipped=(("g.png", "No plane."),))
    assert {plane: (r.picture, r.frame) for plane, r in result.best.items()} == {
        "head": ("b.png", 0),
        "femur": ("f.png", 4),
    }
    assert result.averages["HC"].value == pytest.approx(262)
    assert [bool(r.set_aside) for r in result.repeats["HC"]] == [False, False, True]
    said = " ".join(result.warnings())
    assert "c.png is left out of the means" in said and "2 of 7 pictures are not measured" in said
    record = result.to_json()
    assert record["best"]["femur"] == {"picture": "f.png", "frame": 4}
    assert record["skipped"] == [{"picture": "g.png", "reason": "No plane."}] and len(record["pictures"]) == 6


def test_pixels_are_no_millimetres(of: Of, measured: Callable[..., Any]) -> None:
    unscaled = replace(measured("head", "a.png", scale=None), values={"HC": (800.0, 8.0, "px"), "CI": (78.0, 1.0, "%")})
    result = of(unscaled, ga_weeks=28.0)
    assert set(named(result)) == {"CI"} and result.age is None and result.placements == {}


def test_thorax(of: Of, measured: Callable[..., Any], fetus: list[Any]) -> None:
    values = {
        "ThoraxCircumference": (208.0, 4.0, "mm"),
        "CTR": (0.21, 0.02, ""),
        "CardiacAxis": (42.0, 4.0, "deg"),
        "HeartArea": (700.0, 30.0, "mm2"),
    }
    found = named(of(*fetus, replace(measured("thorax", "t.png"), values=values), ga_weeks=28.0))
    assert found["HeadThoraxRatio"].value == pytest.approx(260 / 208)
    assert found["HeadThoraxRatio"].sd == pytest.approx(260 / 208 * math.hypot(2.6 / 260, 4 / 208), rel=1e-4)
    assert {n: found[n].value for n in values} == {n: v[0] for n, v in values.items()}


def test_nothing_vouched_for(of: Of, measured: Callable[..., Any]) -> None:
    result = of(measured("head", "a.png", HC=(260, 3), vouched=False), ga_weeks=28.0)
    assert result.status() == "abstained" and result.reason() and result.measurements() == []
    assert result.to_json()["status"] == "abstained" and result.best == {}
    only_skipped = ExaminationResult.of([], ExaminationOptions(), "x", [("a.png", "No plane.")])
    assert only_skipped.status() == "abstained"
    with pytest.raises(BadInput, match="no picture"):
        ExaminationResult.of([], ExaminationOptions())


def test_where_the_age_is_known_from(of: Of, fetus: list[Any]) -> None:
    unknown = of(*fetus)
    assert unknown.known_age is None and unknown.placements == {}
    assert any("early and small at once" in w for w in unknown.warnings())
    crl = of(*fetus, crl_mm=60.0)
    assert crl.known_age is not None and 7 * crl.known_age.weeks == pytest.approx(87.24, abs=0.006)
    assert CRL_ROBINSON in crl.known_age.source
    own = of(*fetus, crl_mm=60.0, crl_sd_mm=1.0, dating=CRL_INTERGROWTH)
    assert own.known_age is not None and 7 * own.known_age.weeks == pytest.approx(86.75, abs=0.006)
    assert own.known_age.sd > 0
    first = Visit(12.5, {"HC": 70.0}, {}, "2026-01-01")
    second = Visit(20.0, {"HC": 175.0}, {}, "2026-02-20")
    dated = of(*fetus, examined="2026-04-20", visits=(second, first))
    assert dated.known_age is not None and dated.known_age.weeks == pytest.approx(12.5 + 109 / 7)
    assert dated.known_age.source == "dated at the visit of 2026-01-01"
    with pytest.raises(BadInput, match="is not before this examination"):
        of(*fetus, examined="2025-12-31", visits=(first,))
    with pytest.raises(BadInput, match="is not before this examination"):
        of(*fetus, ga_weeks=12.0, visits=(first,))
    with pytest.raises(BadInput, match="no date"):
        of(*fetus, examined="today")


def test_uncertain_age_widens_the_centile(of: Of, fetus: list[Any]) -> None:
    sure, unsure = of(*fetus, ga_weeks=28.0), of(*fetus, ga_weeks=28.0, ga_sd_weeks=0.5)
    for name in ("HC", "AC", "FL", "EFW"):
        a, b = sure.placements[name].z_sd, unsure.placements[name].z_sd
        assert a is not None and b is not None and b > a


def test_options_round_trip(of: Of, fetus: list[Any]) -> None:
    options = ExaminationOptions(
        ga_weeks=28.0, standard=WHO, sex="boy", visits=(Visit(20.0, {"HC": 175.0}, {"HC": 2.0}, "2026-02-20"),)
    )
    assert ExaminationOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == options


def test_result_json(of: Of, fetus: list[Any]) -> None:
    record = of(*fetus, ga_weeks=28.0, visits=(Visit(24.0, {"HC": 220.0, "EFW": 640.0}),)).to_json()
    text = json.dumps(record, allow_nan=False)
    again = json.loads(text)
    assert (again["command"], again["plane"], again["input"]) == ("fetal", "examination", "Study 7")
    names = [m["name"] for m in again["measurements"]]
    for name in ("BPD", "OFD", "HC", "AC", "FL", "GA", "EFW", "EFW_centile"):
        assert name in names
    efw = next(m for m in again["measurements"] if m["name"] == "EFW")
    assert efw["code"] == "LN 11727-5" and efw["unit"] == "g" and efw["sd"] > 0
    assert again["velocity"][0]["measure"] == "HC" and again["velocity"][0]["sd"] is None
    assert all(f["rule"] for f in again["flags"]) and again["provenance"]["model"] == "phantom"
    assert "Stirnemann" in again["standards"]


def test_growth_since_the_last_visit(of: Of, fetus: list[Any]) -> None:
    chart = standard(IG21)
    early = Visit(20.0, {"HC": 175.0})
    last = Visit(24.0, {"HC": chart.value_at("HC", 24.0, 40)}, {"HC": 2.0})
    result = of(*fetus, ga_weeks=28.0, visits=(last, early))
    (grown,) = result.velocities
    assert (grown.from_weeks, grown.to_weeks) == (24.0, 28.0)
    assert grown.per_week == pytest.approx((260 - chart.value_at("HC", 24.0, 40)) / 4)
    assert grown.sd == pytest.approx(math.hypot(2.0, 2.6) / 4)
    assert grown.expected_per_week == pytest.approx(
        (chart.value_at("HC", 28.0, 40) - chart.value_at("HC", 24.0, 40)) / 4
    )
    assert grown.before.centile == pytest.approx(40) and grown.centile_change == pytest.approx(
        chart.centile("HC", 28.0, 260) - 40
    )
    soon = of(*fetus, ga_weeks=28.0, visits=(Visit(27.0, {"HC": 250.0}),))
    assert "Only 7 days apart" in soon.velocities[0].note and any("7 days apart" in w for w in soon.warnings())


def test_the_gravest_remark_of_its_pictures_leads(of: Of, fetus: list[Any]) -> None:
    """A doubtful pixel size comes before the numbers and before what only limits them."""
    doubtful = Remark("The pixel size is doubtful: FL of 53 mm.", Gravity.GRAVE)
    limited = Remark("The scale was not confirmed.")
    plain = of(*fetus)
    result = of(*fetus[:2], replace(fetus[2], said=(limited, doubtful)))
    assert [r.gravity for r in result.remarks][:2] == [Gravity.GRAVE, Gravity.WARNING]
    assert result.warnings()[0] == f"femur.png: {doubtful.text}" and f"femur.png: {limited.text}" in result.warnings()
    assert plain.headline() == plain.answer() and plain.answer().startswith("HC 260")
    assert result.headline() == f"femur.png: {doubtful.text} {plain.answer()}"


def test_what_the_command_line_takes_of_it(of: Of, fetus: list[Any]) -> None:
    result = of(*fetus, ga_weeks=28.0)
    row = result.summary()
    assert row["plane"] == "examination" and row["HC_mm"] == 260.0 and row["EFW_g"] == result.weight.grams  # type: ignore[union-attr]
    assert [table.name for table in result.tables()] == ["measurements"]
    assert len(result.table("measurements").rows) == len(result.measurements())
    none = of(replace(fetus[2], vouched=False))
    assert none.abstained and none.headline() == f"abstained. {none.reason()}".rstrip(".")
