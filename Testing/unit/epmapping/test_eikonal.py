"""Arrival times against exact ones, and lines of block against the way around them."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from EPMappingLib.eikonal.solver import arrival, fiber_metric, isotropic_metric
from EPMappingLib.phantom.shells import plane, sphere, sphere_distance
from EPMappingLib.surface.mesh import Surface, merged
from EPMappingLib.whatif.prediction import predict


def test_arrival_on_a_sphere_is_within_one_percent() -> None:
    """Every vertex of a sphere with 10,242."""
    surface = sphere(5)
    exact = sphere_distance(surface, 0) / 0.6
    found = arrival(surface, isotropic_metric(surface, 0.6), np.array([0]))
    away = exact > 0
    assert np.abs(found[away] / exact[away] - 1).max() <= 0.01
    assert found[0] == 0


@pytest.mark.parametrize("angle", [0.0, 0.5, np.pi / 4, -np.pi / 4])
@pytest.mark.parametrize("ratio", [2.0, 3.0])
def test_anisotropic_arrival_is_within_two_percent(angle: float, ratio: float) -> None:
    """Straight fibers on a plane, along and against the diagonals of its triangles; exact: the way in the metric."""
    surface = plane(61)
    count = len(surface.faces)
    fibers = np.tile([np.cos(angle), np.sin(angle), 0.0], (count, 1))
    metric = fiber_metric(surface, fibers, np.full(count, 0.9), np.full(count, 0.9 / ratio))
    source = int(np.argmin(np.linalg.norm(surface.vertices, axis=1)))
    way = surface.vertices - surface.vertices[source]
    exact = np.sqrt(np.einsum("vi,ij,vj->v", way, metric[0], way))
    found = arrival(surface, metric, np.array([source]))
    away = exact > 0
    assert np.abs(found[away] / exact[away] - 1).max() <= 0.02


def test_block_delays_what_lies_behind_it_by_the_way_around() -> None:
    """A wall of 40 mm between (-10, 0) and (10, 0): the wave goes by one of its ends, 2 sqrt(10^2 + 20^2) mm."""
    surface = plane(61)
    site, behind = np.array([[-10.0, 0.0, 0.0]]), int(np.argmin(np.linalg.norm(surface.vertices - [10, 0, 0], axis=1)))
    wall = np.array([[0.0, -20.0, 0.0], [0.0, 20.0, 0.0]])
    speeds = np.full(len(surface.faces), 0.5)
    free, blocked = predict(surface, speeds, site), predict(surface, speeds, site, (wall,))
    assert free.arrival_ms[behind] == pytest.approx(20.0 / 0.5, rel=0.01)
    assert blocked.arrival_ms[behind] == pytest.approx(2 * np.hypot(10, 20) / 0.5, rel=0.02)
    before = int(np.argmin(np.linalg.norm(surface.vertices - [-20, 0, 0], axis=1)))
    assert blocked.arrival_ms[before] == pytest.approx(free.arrival_ms[before], rel=1e-6)


def test_no_wave_comes_to_another_part() -> None:
    """Two sheets that nothing joins, 5 mm apart."""
    sheet = plane(21, 20.0)
    both = merged([sheet, Surface(sheet.vertices + np.array([0, 0, 5.0]), sheet.faces)])
    found = predict(both, np.full(len(both.faces), 0.5), np.zeros((1, 3)))
    count = len(sheet.vertices)
    assert np.isfinite(found.arrival_ms[:count]).all() and np.isnan(found.arrival_ms[count:]).all()


@pytest.mark.parametrize(("height", "refused"), [(9.9, False), (10.1, True)])
def test_a_site_off_the_shell_is_refused(height: float, refused: bool) -> None:
    """On both sides of the limit."""
    sheet = plane(11, 20.0)
    site, speeds = np.array([[0.0, 0.0, height]]), np.full(len(sheet.faces), 0.5)
    if refused:
        with pytest.raises(BadInput, match="off the shell"):
            predict(sheet, speeds, site)
    else:
        assert np.isfinite(predict(sheet, speeds, site).arrival_ms).all()
