"""What was found in a channel, as plain data that a scene and result.json keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.results.result import DONE, Result, remarks_to_json
from DeepMedLib.results.table import Cell, Column, Table

NOTHING = (
    "No waveform recurs beyond what noise of the same spectrum gives; what the tables list is what the search finds in "
    "noise as well."
)
WORDING = (
    "A recurrent waveform is a shape that comes back; whether it is physiological, pathological or an artifact is for "
    "a reader of the traces to say."
)
_SHAPE_COLUMNS = (
    Column("waveform", "Waveform"),
    Column("length_s", "Length (s)", 2),
    Column("main_hz", "Center (Hz)", 1),
    Column("threshold_sd", "Least (SD)", 2),
    Column("stable_halves", "Halves (r)", 2),
    Column("stable_seeds", "Seeds (r)", 2),
)


@dataclass(frozen=True)
class Waveform:
    """A recurrent waveform and its events.

    Attributes:
        name: "W1", "W2" ...
        beyond_noise: whether noise does not explain it.
        p: the chance that noise of the same spectrum gives a waveform that explains as much of held-out data.
        expected: events that the same search finds in such noise, in a record of this length.
        threshold_sd: least event, in standard deviations of the background.
        stable_halves, stable_seeds: correlation with the waveform learned from the other half, and with another seed.
        main_hz: center of its power.
        mean, sd: mean and standard deviation over the events, in the channel's unit.
        mean_rate_hz, first_s: samples a second of the mean, and when it begins; 0 is the greatest deflection.
        onset_s, duration_s: where the mean differs from nothing, on that time axis.
        time_s: of the greatest deflection of each event.
        size: peak to peak of each event, in the channel's unit.
        size_sd: the same in standard deviations of the background.
    """

    name: str
    beyond_noise: bool
    p: float
    expected: float
    threshold_sd: float
    stable_halves: float
    stable_seeds: float
    main_hz: float
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    mean_rate_hz: float
    first_s: float
    onset_s: float
    duration_s: float
    time_s: tuple[float, ...]
    size: tuple[float, ...]
    size_sd: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """In words."""
        return "beyond noise" if self.beyond_noise else "explained by noise"

    def onsets_s(self) -> np.ndarray:
        """(e,) when each event begins, never before the record."""
        return np.maximum(np.asarray(self.time_s) + self.onset_s, 0.0)

    def times_of_mean_s(self) -> np.ndarray:
        """(n,) the time axis of the mean."""
        return self.first_s + np.arange(len(self.mean)) / self.mean_rate_hz

    def p_text(self) -> str:
        """As people write it; below a thousandth the fit to 20 surrogates is not to be trusted."""
        return "< 0.001" if self.p < 0.001 else f"{self.p:.3f}"


@dataclass(frozen=True)
class EegResult(Result):
    """The waveforms of one channel of a record.

    Attributes:
        record: name of the file or node, without its folder.
        channel, unit: which channel, and the unit of its values.
        rate_hz, duration_s, usable_s: of the record; what of it was searched.
        band_hz: that was searched.
        waveforms: those beyond noise first.
        explained: share of held-out energy that 0, 1, 2 ... waveforms explain.
        channel_counts: channel -> events of each waveform there, with the sizes that count in the searched one; empty
            where only one channel was looked at.
        checks: what is wrong with the record itself.
        seconds: what the search took.
    """

    record: str
    channel: str
    unit: str
    rate_hz: float
    duration_s: float
    usable_s: float
    band_hz: tuple[float, float]
    waveforms: tuple[Waveform, ...]
    explained: tuple[float, ...]
    channel_counts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    checks: tuple[Remark, ...] = ()
    seconds: float = 0.0
    provenance: dict[str, str] = field(default_factory=dict)

    def status(self) -> str:
        """That nothing recurs is an answer, too."""
        return DONE

    @property
    def real(self) -> tuple[Waveform, ...]:
        """The waveforms that noise does not explain."""
        return tuple(waveform for waveform in self.waveforms if waveform.beyond_noise)

    def rate_per_min(self, count: int) -> float:
        """Events a minute of what could be searched."""
        return 60 * count / self.usable_s

    def answer(self) -> str:
        """How many recurrent waveforms, and how often each."""
        if not self.real:
            return f"channel {self.channel}: no recurrent waveform beyond noise"
        told = [
            f"{w.name} {self.rate_per_min(len(w.time_s)):.1f} a minute (noise {self._noise(w):.1f})" for w in self.real
        ]
        number = len(self.real)
        return (
            f"channel {self.channel}: {number} recurrent waveform{'s' * (number > 1)} beyond noise: {', '.join(told)}"
        )

    def _noise(self, waveform: Waveform) -> float:
        return 60 * waveform.expected / self.usable_s

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """That nothing recurs, the record's checks, and what the words mean."""
        nothing = [] if self.real else [Remark(NOTHING)]
        return gravest_first([*nothing, *self.checks, Remark(WORDING, Gravity.NOTE)])

    def measurements(self) -> list[Measurement]:
        """Of each waveform beyond noise its rate (Poisson deviation), size and length."""
        found = []
        for w in self.real:
            count, size = len(w.time_s), np.asarray(w.size)
            spread = float(size.std(ddof=1) / np.sqrt(count)) if count > 1 else None
            source = f"matching pursuit, {count} events, {w.expected:.1f} expected from noise"
            rate = self.rate_per_min(count)
            found += [
                Measurement(f"{w.name}_rate", rate, "1/min", rate / np.sqrt(count), None, source, f"{w.name} rate"),
                Measurement(f"{w.name}_size", float(size.mean()), self.unit, spread, None, source, f"{w.name} size"),
                Measurement(f"{w.name}_length", w.duration_s, "s", None, None, source, f"{w.name} length"),
            ]
        return found

    def tables(self) -> list[Table]:
        """Waveforms, their shapes, their events, and the rates in all channels."""
        waveforms = [
            (
                w.name, w.verdict, len(w.time_s), self.rate_per_min(len(w.time_s)), w.expected, w.p_text(),
                float(np.mean(w.size)),
            )
            for w in self.waveforms
        ]  # fmt: skip
        shapes = [
            (w.name, w.duration_s, w.main_hz, w.threshold_sd, w.stable_halves, w.stable_seeds) for w in self.waveforms
        ]
        events = sorted(
            (onset, w.duration_s, size, w.name, time, sd, w.verdict)
            for w in self.waveforms
            for onset, size, time, sd in zip(w.onsets_s().tolist(), w.size, w.time_s, w.size_sd, strict=True)
        )
        tables = [
            Table("waveforms", "Recurrent waveforms", self._waveform_columns(), tuple(waveforms)),
            Table("shapes", "Shapes and stability", _SHAPE_COLUMNS, tuple(shapes)),
            Table("events", "Events", self._event_columns(), tuple(events)),
        ]
        if self.channel_counts:
            rates: list[tuple[Cell, ...]] = [
                (label, *(self.rate_per_min(count) for count in counts))
                for label, counts in self.channel_counts.items()
            ]
            columns = [Column(f"{w.name}_per_min", f"{w.name} (1/min)", 2) for w in self.waveforms]
            tables.append(
                Table("channels", "Rates in all channels", (Column("channel", "Channel"), *columns), tuple(rates))
            )
        return tables

    def _waveform_columns(self) -> tuple[Column, ...]:
        return (
            Column("waveform", "Waveform"),
            Column("verdict", "Verdict"),
            Column("events", "Events"),
            Column("rate_per_min", "Per min", 2),
            Column("expected_from_noise", "Noise", 1),
            Column("p", "p"),
            Column("size", f"Size ({self.unit})" if self.unit else "Size", 1),
        )

    def _event_columns(self) -> tuple[Column, ...]:
        return (
            Column("onset_s", "Onset (s)", 3),
            Column("duration_s", "Duration (s)", 3),
            Column("amplitude", f"Size ({self.unit})" if self.unit else "Size", 1),
            Column("waveform", "Waveform"),
            Column("time_s", "Time (s)", 3),
            Column("size_sd", "Size (SD)", 1),
            Column("verdict", "Verdict"),
        )

    def summary(self) -> dict[str, Cell]:
        """Channel, waveforms beyond noise, their events, and those expected from noise."""
        return {
            "channel": self.channel,
            "waveforms": len(self.real),
            "events": sum(len(w.time_s) for w in self.real),
            "expected_from_noise": float(sum(w.expected for w in self.real)),
        }

    def to_json(self) -> dict[str, Any]:
        """The content of ``result.json``; `from_json` reads it back."""
        return {
            "command": "eeg",
            "input": self.record,
            "status": self.status(),
            "reason": "",
            "channel": self.channel,
            "unit": self.unit,
            "rate_hz": self.rate_hz,
            "duration_s": self.duration_s,
            "usable_s": self.usable_s,
            "band_hz": list(self.band_hz),
            "waveforms": [asdict(waveform) for waveform in self.waveforms],
            "explained": list(self.explained),
            "channel_counts": {label: list(counts) for label, counts in self.channel_counts.items()},
            "checks": [check.to_dict() for check in self.checks],
            "measurements": [item.to_dict() for item in self.measurements()],
            **remarks_to_json(self.remarks),
            "seconds": self.seconds,
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> EegResult:
        """Read `to_json`."""
        waveforms = tuple(Waveform(**_tuples(each)) for each in record["waveforms"])
        return cls(
            record=record["input"],
            channel=record["channel"],
            unit=record["unit"],
            rate_hz=record["rate_hz"],
            duration_s=record["duration_s"],
            usable_s=record["usable_s"],
            band_hz=tuple(record["band_hz"]),
            waveforms=waveforms,
            explained=tuple(record["explained"]),
            channel_counts={label: tuple(counts) for label, counts in record["channel_counts"].items()},
            checks=tuple(Remark.from_dict(check) for check in record["checks"]),
            seconds=record["seconds"],
            provenance=dict(record["provenance"]),
        )


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
