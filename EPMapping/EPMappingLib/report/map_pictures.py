"""The pictures of a map: activation, voltage, velocity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from EPMappingLib.ep_result import EpResult
from EPMappingLib.report.colors import CV_RANGE, certainty, colors_of, span_of
from EPMappingLib.report.picture import WIDTH, sheet
from EPMappingLib.report.shell_drawing import RGB, Dot, Polyline

BLACK: RGB = (40, 40, 46)
EARLIEST: RGB = (255, 255, 255)
LATEST: RGB = (20, 20, 20)
ABLATION: RGB = (150, 20, 30)
BLOCK: RGB = (0, 0, 0)
_RADIUS_MM = 1.6


@dataclass(frozen=True)
class DrawnMap:
    """What is drawn: a map as it lies in the scene.

    Attributes:
        vertices, faces: the shell, RAS mm in its own frame.
        lat_ms, lat_sd_ms, bipolar_mv: (V,) NaN where not known.
        cv: (F,) m/s, NaN where excluded.
        isochrones, blocks: points (N, 3) of each line.
        ablations: (A, 3).
    """

    vertices: np.ndarray
    faces: np.ndarray
    lat_ms: np.ndarray
    lat_sd_ms: np.ndarray
    bipolar_mv: np.ndarray
    cv: np.ndarray
    isochrones: Sequence[np.ndarray] = ()
    blocks: Sequence[np.ndarray] = ()
    ablations: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))


def lat_colors(lat_ms: np.ndarray, lat_sd_ms: np.ndarray, step_ms: float) -> np.ndarray:
    """(N, 3) uint8 of activation, faded where the interval is wider than the step between isochrones."""
    return colors_of(lat_ms, span_of(lat_ms), certainty(lat_sd_ms, step_ms))


def main_picture(result: EpResult, drawn: DrawnMap, width: int = WIDTH) -> np.ndarray:
    """(H, W, 3) uint8: activation, or voltage where there is none."""
    if np.isfinite(drawn.lat_ms).any():
        return activation_picture(result, drawn, width)
    return voltage_picture(result, drawn, width)


def further_pictures(result: EpResult, drawn: DrawnMap) -> Mapping[str, np.ndarray]:
    """What `main_picture` does not show, by name: voltage, velocity."""
    found = {}
    if np.isfinite(drawn.lat_ms).any() and np.isfinite(drawn.bipolar_mv).any():
        found["voltage"] = voltage_picture(result, drawn)
    if np.isfinite(drawn.cv).any():
        found["velocity"] = velocity_picture(drawn)
    return found


def activation_picture(result: EpResult, drawn: DrawnMap, width: int = WIDTH) -> np.ndarray:
    """Activation with isochrones, lines of block, earliest and latest site, ablation sites."""
    step = result.thresholds["step"]
    at = drawn.lat_ms[drawn.faces].mean(1)
    strength = certainty(drawn.lat_sd_ms[drawn.faces].mean(1), step)
    lines = [Polyline(points, BLACK, 1.2) for points in drawn.isochrones]
    lines += [Polyline(points, BLOCK, 4.0) for points in drawn.blocks]
    colors = {"earliest": EARLIEST, "latest": LATEST}
    dots = [Dot(site.position, 1.4 * _RADIUS_MM, colors[site.name]) for site in result.sites] + _ablations(drawn)
    words = f"; isochrones every {step:g} ms; white: earliest, black: latest"
    words += "; thick: block" * bool(len(drawn.blocks)) + "; dark red: ablation" * bool(len(drawn.ablations))
    span = span_of(drawn.lat_ms)
    painted = colors_of(at, span, strength)
    title = "Local activation time (ms)"
    return sheet(drawn.vertices, drawn.faces, painted, title, span, lines, dots, width, words)


def voltage_picture(result: EpResult, drawn: DrawnMap, width: int = WIDTH) -> np.ndarray:
    """Bipolar voltage, from a fifth of the threshold to three times of it."""
    low = result.thresholds["low_voltage"]
    span = (0.2 * low, 3 * low)
    colors = colors_of(drawn.bipolar_mv[drawn.faces].mean(1), span)
    title = f"Bipolar voltage (mV); low is below {low:g} mV"
    return sheet(drawn.vertices, drawn.faces, colors, title, span, (), _ablations(drawn), width)


def velocity_picture(drawn: DrawnMap, width: int = WIDTH) -> np.ndarray:
    """Conduction velocity of the triangles that have one."""
    colors = colors_of(drawn.cv, CV_RANGE)
    return sheet(
        drawn.vertices, drawn.faces, colors, "Conduction velocity (m/s)", CV_RANGE, (), (), width, ", or excluded"
    )


def _ablations(drawn: DrawnMap) -> list[Dot]:
    return [Dot((float(x), float(y), float(z)), _RADIUS_MM, ABLATION) for x, y, z in drawn.ablations]
