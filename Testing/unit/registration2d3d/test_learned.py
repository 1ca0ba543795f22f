"""The networks' first stage: landmarks, patches, the hierarchy of the parameters, and what follows when it is wrong."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
import torch

from DeepMedLib.geometry import transform_points
from DeepMedLib.models.loading import load_model
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.learned.landmarks import COUNT, in_slots, landmarks_of
from Registration2D3DLib.learned.networks import ResidualNet
from Registration2D3DLib.learned.patches import patches_of, places_of
from Registration2D3DLib.learned.stage import HALF_PX, FirstStage, camera_axes
from Registration2D3DLib.matching.level import Film, Level, make_level
from Registration2D3DLib.matching.registering import BOTH, REGRESSED, register
from Registration2D3DLib.options import BUNDLES, NETWORK, PUBLISHED
from Registration2D3DLib.phantom.cases import PhantomCase, phantom_case
from Registration2D3DLib.phantom.truth import errors_mm
from Registration2D3DLib.rendering.units import attenuation
from Registration2D3DLib.rendering.volume import Volume
from Training.xray_poses.data import MODELS
from Training.xray_poses.simulated import pairs_of


class Told(torch.nn.Module):
    """A network that says what it was given, whatever it sees."""

    def __init__(self, answer: np.ndarray) -> None:
        super().__init__()
        self.answer = torch.as_tensor(answer, dtype=torch.float32)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        return self.answer.reshape(-1, 3)[: len(patches)]


@lru_cache(maxsize=4)
def case(seed: int = 4) -> PhantomCase:
    return phantom_case(seed)


@lru_cache(maxsize=4)
def volume(seed: int = 4) -> Volume:
    return Volume.from_attenuation(attenuation(case(seed).hounsfield), case(seed).grid)


@lru_cache(maxsize=4)
def level(count: int = 1, seed: int = 4) -> Level:
    center = transform_points(case(seed).true, volume(seed).center)
    films = []
    for picture, view in zip(case(seed).pictures[:count], case(seed).views[:count], strict=True):
        films.append(Film(picture.astype(np.float32), np.ones(picture.shape, bool), view.towards(center)))
    radius = float((np.array(volume(seed).grid.size_ijk) * volume(seed).grid.spacing).max()) / 2
    return make_level(volume(seed), tuple(films), center, radius + 20, radius / HALF_PX)


def stage(name: str, seed: int = 4) -> FirstStage:
    bundle = BUNDLES[name]
    assert bundle is not None
    return FirstStage(load_model(MODELS, bundle, "cpu").network, landmarks_of(volume(seed)))


def test_landmarks_are_on_edges_apart_from_one_another_and_always_the_same() -> None:
    found = landmarks_of(volume())
    apart = np.linalg.norm(found[:, None] - found[None], axis=2) + 1e3 * np.eye(COUNT)
    assert found.shape == (COUNT, 3) and apart.min() > 10
    assert np.array_equal(found, landmarks_of(volume()))
    index = np.rint(volume().grid.ras_points_to_ijk(found)).astype(int)
    strength = volume().coarser(5.0).channels[0, 1:].norm(dim=0).numpy()
    at = np.minimum(
        np.rint(volume().coarser(5.0).grid.ras_points_to_ijk(found)).astype(int)[:, ::-1], np.array(strength.shape) - 1
    )
    assert (index >= 0).all() and np.median(strength[tuple(at.T)]) > 3 * np.median(strength)


def test_slots_go_by_columns_then_rows() -> None:
    columns, rows = np.meshgrid(np.arange(4.0), np.arange(4.0))
    points = np.column_stack([10 * columns.ravel(), 10 * rows.ravel(), np.zeros(16)])
    expected = points[np.lexsort((points[:, 1], points[:, 0]))]
    for seed in range(3):
        mixed = np.random.default_rng(seed).permutation(points)
        assert np.array_equal(mixed[in_slots(mixed)], expected)


def test_patches_at_the_true_pose_show_the_same_on_xray_and_drr() -> None:
    patches = patches_of(level(), level().views[0], case().true[None], landmarks_of(volume()))[0]
    assert patches.shape == (COUNT, 2, 20, 20)
    assert np.corrcoef(patches[:, 0].ravel(), patches[:, 1].ravel())[0, 1] > 0.8
    off = motion(np.zeros(3), 40 * camera_axes(case().views[0])[0], np.zeros(3)) @ case().true
    moved = patches_of(level(), level().views[0], off[None], landmarks_of(volume()))[0]
    assert np.corrcoef(moved[:, 0].ravel(), moved[:, 1].ravel())[0, 1] < 0.6


@pytest.mark.parametrize(("views", "depth_limit"), [(1, 6.0), (2, 1.0)])
def test_true_displacements_lead_to_the_true_pose(views: int, depth_limit: float) -> None:
    marks, lev = landmarks_of(volume()), level(views)
    pose = motion(np.array([0.05, -0.06, 0.04]), np.array([6.0, -5, 4]), lev_center()) @ case().true
    for _ in range(6):
        answers = []
        for view in lev.views:
            moved = places_of(view, transform_points(case().true, marks)) - places_of(
                view, transform_points(pose, marks)
            )
            answers.append(np.column_stack([moved, np.full(COUNT, -4.0)]))
        if views == 1:
            pose = FirstStage(Told(answers[0]), marks)._solved(lev, pose[None], 2)[0]
        else:
            network = Alternating(answers)
            pose = FirstStage(network, marks)._solved(lev, pose[None], 2)[0]
    error = transform_points(pose, marks) - transform_points(case().true, marks)
    line = camera_axes(lev.views[0].view)[2]
    assert np.abs(error - np.outer(error @ line, line)).max() < 1.0
    assert np.abs(error @ line).max() < depth_limit


class Alternating(torch.nn.Module):
    """Answers for one view after the other."""

    def __init__(self, answers: list[np.ndarray]) -> None:
        super().__init__()
        self.answers = [torch.as_tensor(answer, dtype=torch.float32) for answer in answers]

    def forward(self, _patches: torch.Tensor) -> torch.Tensor:
        return self.answers.pop(0)


def lev_center() -> np.ndarray:
    return np.asarray(transform_points(case().true, volume().center))


def test_groups_are_solved_one_after_the_other() -> None:
    marks, lev = landmarks_of(volume()), level()
    answer = np.column_stack([np.full(COUNT, 2.0), np.full(COUNT, -1.0), np.full(COUNT, -4.0)])
    pose = FirstStage(Told(answer), marks)._solved(lev, case().true[None], 0)[0]
    axes = camera_axes(lev.views[0].view)
    shift = axes @ (transform_points(pose, volume().center) - lev_center()) / lev.pitch_mm
    assert shift[:2] == pytest.approx([2, -1], abs=0.2) and abs(shift[2]) < 1e-6


class Regressing(ResidualNet):
    """The published network that says what it was given."""

    def __init__(self, answer: list[float]) -> None:
        super().__init__()
        self.told = torch.tensor([answer])

    def forward(self, residuals: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return self.told.expand(len(residuals), -1)


def test_each_group_of_the_published_network_moves_its_own_parameters() -> None:
    axes = camera_axes(level().views[0].view)
    for group, asked in ((0, [1.0, 2, 0]), (2, [0, 0, 3.0])):
        stage_ = FirstStage(Regressing([1, 2, 0, 0, 0, 3]), landmarks_of(volume()))
        pose = stage_._regressed(level(), level().views[0], case().true[None], group)[0]
        shift = axes @ (transform_points(pose, volume().center) - lev_center()) / level().pitch_mm
        assert shift == pytest.approx(asked, abs=1e-6)


def test_training_pairs_agree_with_themselves() -> None:
    pairs = pairs_of(attenuation(case().hounsfield), case().grid, np.random.default_rng(3))
    assert pairs.patches.shape[1:] == (COUNT, 2, 20, 20) and torch.isfinite(pairs.patches).all()
    # Shifts across the beam and the three turns explain where the landmarks go, but for perspective and depth.
    x, y, z = (pairs.places.numpy()[..., axis] for axis in range(3))
    told = pairs.motions.numpy()[:, None]
    right = told[..., 0] - told[..., 2] * y + told[..., 4] * z
    down = told[..., 1] + told[..., 2] * x - told[..., 3] * z
    moved = pairs.displacements.numpy()
    rest = np.linalg.norm(moved - np.stack([right, down], -1), axis=2).mean()
    assert rest < 0.3 * np.linalg.norm(moved, axis=2).mean()


def test_the_shipped_network_brings_starts_nearer() -> None:
    before, after = [], []
    for seed in (4, 5, 6):
        improved = stage(NETWORK, seed).improve(level(1, seed), case(seed).start[None])[0]
        before.append(errors_mm(case(seed), case(seed).start)[0])
        after.append(errors_mm(case(seed), improved)[0])
    assert np.median(after) < 0.6 * np.median(before)


@pytest.mark.parametrize("name", [NETWORK, PUBLISHED])
def test_a_registration_by_a_network_is_right(name: str) -> None:
    found = register(volume(), [case().pictures[0]], [case().views[0]], case().start, first=stage(name))
    assert found.verdict.trusted and errors_mm(case(), found.pose)[0] < 1.0
    assert found.found_by in (REGRESSED, BOTH)


def test_the_search_follows_where_a_network_leads_astray() -> None:
    class Astray:
        def improve(self, _level: Level, poses: np.ndarray) -> np.ndarray:
            return np.stack([motion(np.array([0.0, 0, 1.2]), np.zeros(3), lev_center()) @ pose for pose in poses])

    found = register(volume(), [case().pictures[0]], [case().views[0]], case().start, first=Astray())
    assert found.found_by == BOTH and errors_mm(case(), found.pose)[0] < 1.0
