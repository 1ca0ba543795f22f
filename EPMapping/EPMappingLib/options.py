"""What can be asked of a map."""

from __future__ import annotations

from DeepMedLib.options import Option

MS, SECONDS = "ms", "s"
"""Units of activation times."""

OPTIONS = (
    Option(
        "lat",
        "",
        "Array or column with local activation times; found by its name if not given.",
        label="Activation from",
        metavar="NAME",
    ),
    Option(
        "bipolar",
        "",
        "Array or column with bipolar voltage in mV; found by its name if not given.",
        label="Voltage from",
        metavar="NAME",
    ),
    Option("unit", MS, "Unit of the activation times.", choices=(MS, SECONDS), label="Unit of times"),
    Option(
        "near",
        7.0,
        "Distance along the shell from a point within which the map counts as measured.",
        limits=(0.5, 50.0),
        unit="mm",
        label="Measured within",
    ),
    Option(
        "farthest",
        10.0,
        "Distance from the shell beyond which a point is left out.",
        limits=(0.5, 100.0),
        unit="mm",
        label="Points at most off",
    ),
    Option("step", 10.0, "Time between isochrones.", limits=(0.5, 200.0), unit="ms", label="Isochrones every"),
    Option(
        "low_voltage",
        0.5,
        "Bipolar voltage below which tissue counts as low: a threshold of yours.",
        limits=(0.01, 10.0),
        unit="mV",
        label="Low voltage below",
    ),
    Option(
        "slow",
        0.3,
        "Velocity below which conduction counts as slow: a threshold of yours.",
        limits=(0.02, 2.0),
        unit="m/s",
        label="Slow below",
    ),
    Option(
        "block",
        0.1,
        "Velocity below which a line counts as one of block: a threshold of yours.",
        limits=(0.01, 1.0),
        unit="m/s",
        label="Block below",
    ),
    Option("draws", 60, "Random maps that the intervals rest on.", limits=(20, 1000), label="Random maps"),
)
