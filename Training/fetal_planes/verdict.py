"""A finding made with open limits, judged anew under others: no network is asked again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from FetalBiometryLib.planes.abdomen import abdomen_reason
from FetalBiometryLib.planes.femur import femur_reason
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.limits import Limits
from FetalBiometryLib.planes.thorax import thorax_reason


def verdict(finding: Finding, calibration: dict[str, Any]) -> Finding:
    """The same finding with the uncertainty and the abstention of a calibration.

    Open limits have scale 1 and the final floors and gains, so a standard uncertainty only changes by its scale.
    """
    if not finding.details:
        return finding
    limits = {name: Limits.from_dict(calibration[name]) for name in ("abdomen", "femur", "heart", "thorax")}
    if finding.plane == "abdomen":
        reason = abdomen_reason(finding.details, limits["abdomen"])
        scale = dict.fromkeys(finding.relative_sd, limits["abdomen"].scale)
    elif finding.plane == "femur":
        reason = femur_reason(finding.details, limits["femur"])
        scale = {"FL": limits["femur"].scale}
    else:
        reason = thorax_reason(finding.details, limits)
        scale = {name: limits["heart" if name.startswith("Heart") else "thorax"].scale for name in finding.relative_sd}
    sd = {name: value * scale[name] for name, value in finding.relative_sd.items()}
    return replace(finding, relative_sd=sd, abstained=bool(reason), reason=reason)
