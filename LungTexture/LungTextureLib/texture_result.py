"""What a chest CT says of its lungs' texture and density; plain data that a scene and result.json keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from DeepMedLib.measurement import Code, Measurement, decimals
from DeepMedLib.remark import Remark, gravest_first
from DeepMedLib.results.result import ABSTAINED, DONE, Result, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table
from LungTextureLib.airways import Airways
from LungTextureLib.classes import CLASSES
from LungTextureLib.densitometry import CALIBRATION_SD, Density
from LungTextureLib.shares import NOT_SURE, Share
from LungTextureLib.zones import Zone

VOLUME = Code("118565006", "SCT", "Volume")
NAMES = {item.key: item.name for item in CLASSES} | {NOT_SURE: "Not sure"}
WHOLE = Zone("both", "whole")
SIDES = (Zone("right", "whole"), Zone("left", "whole"))
SHARE_COLUMNS = (
    Column("lung", "Lung"),
    Column("zone", "Zone"),
    Column("class", "Class"),
    Column("share", "Share (%)", 1),
    Column("sd", "SD", 1),
    Column("places", "Places"),
)
DENSITY_COLUMNS = (
    Column("lung", "Lung"),
    Column("zone", "Zone"),
    Column("ml", "Volume (ml)", 0),
    Column("mean_hu", "Mean (HU)", 0),
    Column("laa950", "LAA-950 (%)", 1),
    Column("laa950_sd", "SD", 1),
    Column("laa910", "LAA-910 (%)", 1),
    Column("laa910_sd", "SD", 1),
    Column("pd15_hu", "PD15 (HU)", 0),
    Column("haa", "HAA (%)", 1),
    Column("haa_sd", "SD", 1),
)


@dataclass(frozen=True)
class ZoneDensity:
    """Densitometry of a zone.

    Attributes:
        zone: where.
        density: of it; all but volume and mean are withheld where `TextureResult.no_density` says why.
    """

    zone: Zone
    density: Density


@dataclass(frozen=True)
class TextureResult(Result):
    """Textures and densities of the lungs on a CT.

    Attributes:
        scan: name of the file or node, without its folder.
        size_ijk, spacing_mm: of the volume as given.
        shares: of every class in every zone; empty where `no_texture` says why.
        densities: of every zone with lung.
        volume_sd_ml: standard uncertainty of right and left lung's volume.
        cut: sides at which the scan's end cuts the lungs.
        no_texture, no_density: why textures, and LAA, PD15 and HAA, are withheld; "" where they are told.
        checks: what else limits the numbers.
        airways: the tree that was followed; None where there is none.
        reason: why nothing is told at all; "" where something is.
        seconds: of each stage.
    """

    scan: str
    size_ijk: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    shares: tuple[Share, ...] = ()
    densities: tuple[ZoneDensity, ...] = ()
    volume_sd_ml: tuple[float, float] = (0.0, 0.0)
    cut: tuple[str, ...] = ()
    no_texture: str = ""
    no_density: str = ""
    checks: tuple[Remark, ...] = ()
    airways: Airways | None = None
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)

    def status(self) -> str:
        """Abstained where there is no lung, or neither texture nor density can be told."""
        return ABSTAINED if self.reason or (self.no_texture and self.no_density) else DONE

    def share(self, key: str, zone: Zone = WHOLE) -> Share | None:
        """One share; None where it is not told."""
        return next((item for item in self.shares if item.zone == zone and item.key == key), None)

    def density(self, zone: Zone = WHOLE) -> Density | None:
        """One zone's density."""
        return next((item.density for item in self.densities if item.zone == zone), None)

    def answer(self) -> str:
        """Shares of both lungs that count, and LAA-950."""
        if self.reason:
            return self.reason[0].lower() + self.reason[1:].rstrip(".")
        parts = []
        told = sorted((s for s in self.shares if s.zone == WHOLE), key=lambda item: -item.percent)
        for item in told:
            if item.percent >= 1:
                parts.append(f"{NAMES[item.key].lower()} {decimals(item.percent, 0)} %")
        density = self.density()
        if density is not None:
            parts.append(f"lungs {density.ml / 1000:.2f} l")
            if not self.no_density:
                parts.append(f"LAA-950 {density.laa950:.1f} %, PD15 {density.pd15_hu:.0f} HU")
        if self.airways is not None:
            parts.append(self.airways.answer())
        return ", ".join(parts)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What limits the numbers, and where the lungs are cut."""
        cut = (
            [Remark(f"The lungs are cut by the scan's end ({', '.join(self.cut)}): volumes are lower bounds.")]
            if self.cut
            else []
        )
        return gravest_first([*self.checks, *cut])

    def measurements(self) -> list[Measurement]:
        """Volumes, densities and shares of both lungs, and the airways."""
        found = []
        for zone, sd in zip(SIDES, self.volume_sd_ml, strict=True):
            density = self.density(zone)
            if density is not None:
                name, label = f"lung_{zone.lung}_ml", f"{zone.lung.capitalize()} lung"
                found.append(
                    Measurement(name, round(density.ml, 1), "ml", round(sd, 1), VOLUME, "threshold and closing", label)
                )
        density = self.density()
        if density is not None and not self.no_density:
            source = f"histogram; calibration taken as known to {CALIBRATION_SD:g} HU (1 SD)"
            for name, value, unit, sd, label in (
                ("laa950", density.laa950, "%", density.laa950_sd, "LAA-950"),
                ("laa910", density.laa910, "%", density.laa910_sd, "LAA-910"),
                ("pd15", density.pd15_hu, "HU", CALIBRATION_SD, "PD15"),
                ("haa", density.haa, "%", density.haa_sd, "HAA"),
                ("mean", density.mean_hu, "HU", CALIBRATION_SD, "Mean density"),
            ):
                found.append(Measurement(name, round(value, 2), unit, round(sd, 2), None, source, label))
        for item in self.shares:
            if item.zone == WHOLE and item.key != NOT_SURE:
                found.append(
                    Measurement(
                        f"share_{item.key}",
                        round(item.percent, 1),
                        "%",
                        round(item.sd or 0.0, 1),
                        None,
                        "texture network",
                        NAMES[item.key],
                    )
                )
        return found + ([] if self.airways is None else self.airways.measurements())

    def tables(self) -> list[Table]:
        """Shares and densitometry of all zones; the airways where there are some."""
        shares = [(s.zone.lung, s.zone.part, NAMES[s.key], s.percent, s.sd, s.places) for s in self.shares]
        rows: list[tuple[Cell, ...]] = []
        for item in self.densities:
            d, start = item.density, (item.zone.lung, item.zone.part, item.density.ml, item.density.mean_hu)
            told = (d.laa950, d.laa950_sd, d.laa910, d.laa910_sd, d.pd15_hu, d.haa, d.haa_sd)
            rows.append((*start, *([None] * len(told) if self.no_density else told)))
        return [
            Table("densitometry", "Densitometry", DENSITY_COLUMNS, tuple(rows)),
            Table("shares", "Textures", SHARE_COLUMNS, tuple(shares)),
            *([] if self.airways is None else self.airways.tables()),
        ]

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "texture",
            "input": self.scan,
            "status": self.status(),
            "reason": self.reason,
            "size_ijk": list(self.size_ijk),
            "spacing_mm": list(self.spacing_mm),
            "shares": [
                {
                    "lung": item.zone.lung,
                    "zone": item.zone.part,
                    "class": item.key,
                    "share": item.percent,
                    "sd": item.sd,
                    "places": item.places,
                }
                for item in self.shares
            ],
            "densitometry": [self._density_record(item) for item in self.densities],
            "volume_sd_ml": list(self.volume_sd_ml),
            "airways": None if self.airways is None else self.airways.to_dict(),
            "cut": list(self.cut),
            "no_texture": self.no_texture,
            "no_density": self.no_density,
            "measurements": [item.to_dict() for item in self.measurements()],
            "checks": [remark.to_dict() for remark in self.checks],
            **remarks_to_json(self.remarks),
            "seconds": dict(self.seconds),
            "provenance": dict(self.provenance),
        }

    def _density_record(self, item: ZoneDensity) -> dict[str, Any]:
        record = asdict(item.density)
        if self.no_density:
            record = {key: value if key in ("ml", "mean_hu") else None for key, value in record.items()}
        return {"lung": item.zone.lung, "zone": item.zone.part, **record}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> TextureResult:
        """Read `to_json`; withheld numbers come back as 0 and stay withheld."""
        fields = Density.__dataclass_fields__
        return cls(
            scan=record["input"],
            size_ijk=tuple(record["size_ijk"]),
            spacing_mm=tuple(record["spacing_mm"]),
            shares=tuple(
                Share(Zone(item["lung"], item["zone"]), item["class"], item["share"], item["sd"], item["places"])
                for item in record["shares"]
            ),
            densities=tuple(
                ZoneDensity(Zone(item["lung"], item["zone"]), Density(**{key: item[key] or 0.0 for key in fields}))
                for item in record["densitometry"]
            ),
            volume_sd_ml=tuple(record["volume_sd_ml"]),
            cut=tuple(record["cut"]),
            no_texture=record["no_texture"],
            no_density=record["no_density"],
            checks=tuple(Remark.from_dict(remark) for remark in record["checks"]),
            airways=None if record.get("airways") is None else Airways.from_dict(record["airways"]),
            reason=record["reason"],
            seconds=dict(record["seconds"]),
            provenance=dict(record["provenance"]),
        )
