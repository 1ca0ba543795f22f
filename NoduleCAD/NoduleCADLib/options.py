"""What can be asked of a reading."""

from __future__ import annotations

from DeepMedLib.options import DEVICE, Option

OPTIONS = (
    Option(
        "fp_per_scan",
        1.0,
        "False marks that LUNA16's candidates of a scan would give; your scan may have more.",
        limits=(1.0, 8.0),
        label="False marks per scan",
    ),
    Option(
        "risk",
        "unknown",
        "The person's risk for Fleischner 2017, as you judge it; unknown shows what follows for both.",
        choices=("unknown", "low", "high"),
        label="Risk (Fleischner)",
    ),
    Option("age", 0.0, "Years; for Fleischner and Brock.", limits=(1, 110), unit="years", unknown="not given"),
    Option("sex", "unknown", "For Brock.", choices=("unknown", "female", "male")),
    Option("family_history", False, "Lung cancer in the family; for Brock."),
    Option("emphysema", False, "Emphysema on CT; for Brock."),
    DEVICE,
)
