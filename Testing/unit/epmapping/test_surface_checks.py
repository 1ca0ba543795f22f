"""Shells that are odd, and those that cannot be used: each gets one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from EPMappingLib.phantom.shells import cylinder, plane, sphere
from EPMappingLib.surface.checks import check_surface, signed_volume
from EPMappingLib.surface.mesh import Surface, merged


def _told(surface: Surface) -> list[tuple[str, Gravity]]:
    return [(remark.text, remark.gravity) for remark in check_surface(surface)]


def test_a_sound_shell_gets_no_remark() -> None:
    assert _told(sphere(3)) == []


def test_openings_are_counted() -> None:
    """A tube has two ends, a sheet one rim."""
    (tube,) = _told(cylinder())
    assert "2 openings" in tube[0] and tube[1] is Gravity.NOTE
    assert "1 opening (" in _told(plane())[0][0]


@pytest.mark.parametrize(("radius", "gravity"), [(10.0, Gravity.WARNING), (2.0, Gravity.NOTE)])
def test_two_parts_are_said_with_their_areas(radius: float, gravity: Gravity) -> None:
    """A second ball of an area beyond one percent is warned of; a speck is a note."""
    second = sphere(2, radius)
    surface = merged([sphere(3), Surface(second.vertices + 100.0, second.faces)])
    (told,) = _told(surface)
    assert "2 parts" in told[0] and told[1] is gravity


def test_normals_that_point_inwards_or_differ_are_noted() -> None:
    ball = sphere(3)
    inside_out = Surface(ball.vertices, ball.faces[:, ::-1])
    assert signed_volume(inside_out) == pytest.approx(-signed_volume(ball))
    assert "point inwards" in _told(inside_out)[0][0]
    mixed = ball.faces.copy()
    mixed[::3] = mixed[::3, ::-1]
    assert "do not all face the same side" in _told(Surface(ball.vertices, mixed))[0][0]


def test_an_edge_of_three_triangles_is_warned_of() -> None:
    sheet = plane(11)
    fin = Surface(np.vstack([sheet.vertices, [[0.0, 0.0, 20.0]]]), np.vstack([sheet.faces, [[60, 61, 121]]]))
    assert any("three or more triangles" in text for text, _ in _told(fin))


@pytest.mark.parametrize(("cm2", "accepted"), [(0.99, False), (1.01, True), (1990.0, True), (2010.0, False)])
def test_a_shell_of_no_heart_s_size_is_refused(cm2: float, accepted: bool) -> None:
    """Meters and micrometers taken for mm end here."""
    ball = sphere(3)
    surface = Surface(ball.vertices * np.sqrt(cm2 / (ball.areas.sum() / 100)), ball.faces)
    if accepted:
        check_surface(surface)
    else:
        with pytest.raises(BadInput, match=r"no heart chamber has.*Scale it to mm"):
            check_surface(surface)


def test_a_shell_of_a_few_triangles_or_without_numbers_is_refused() -> None:
    ball = sphere(2)
    with pytest.raises(BadInput, match="only 19 triangles"):
        check_surface(Surface(ball.vertices, ball.faces[:19]))
    broken = ball.vertices.copy()
    broken[0, 0] = np.nan
    with pytest.raises(BadInput, match="not finite"):
        check_surface(Surface(broken, ball.faces))
