from __future__ import annotations

import numpy as np
import pytest

from explorer.core.data.toy import features_of, generate, source_of
from explorer.core.experiment import TOY_SETS, BuiltinName


def made(
    name: BuiltinName, n: int = 400, noise: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    return generate(name, n, noise, np.random.default_rng(seed))


@pytest.mark.parametrize("name", TOY_SETS)
class TestEverySet:
    def test_its_source_draws_the_same_points_by_itself(self, name: BuiltinName) -> None:
        space = {"np": np}
        exec(source_of(name), space)
        drawn = space[name](60, 0.3, np.random.default_rng(7))  # type: ignore[operator]
        points, classes = made(name, 60, 0.3, seed=7)
        of_drawn, of_made = (
            {(*point.tolist(), int(of)) for point, of in zip(*both, strict=True)}
            for both in (drawn, (points, classes))
        )
        assert of_drawn == of_made  # `generate` shuffles them
        assert len(of_drawn) == 60

    def test_a_seed_repeats_it_exactly(self, name: BuiltinName) -> None:
        points, classes = made(name, noise=0.2, seed=5)
        again, classes_again = made(name, noise=0.2, seed=5)
        assert points.tobytes() == again.tobytes()
        assert classes.tolist() == classes_again.tolist()

    def test_another_seed_makes_another(self, name: BuiltinName) -> None:
        assert not np.array_equal(made(name, seed=0)[0], made(name, seed=1)[0])

    @pytest.mark.parametrize("n", [2, 3, 401])
    def test_has_the_shape_asked_for(self, name: BuiltinName, n: int) -> None:
        points, classes = made(name, n)
        assert points.shape == (n, 2)
        assert classes.shape == (n,)
        assert set(classes.tolist()) <= {0, 1}

    def test_both_classes_come_about_equally_often_and_shuffled(self, name: BuiltinName) -> None:
        _, classes = made(name)
        assert 0.4 < classes.mean() < 0.6
        assert 0.35 < classes[:100].mean() < 0.65
        # Neither sorted nor alternating: as many changes from one to the next as by chance.
        assert 0.3 < np.mean(classes[1:] != classes[:-1]) < 0.7

    def test_without_noise_the_points_lie_in_the_square(self, name: BuiltinName) -> None:
        points, _ = made(name, 2000)
        assert np.abs(points).max() <= 6

    def test_noise_moves_points(self, name: BuiltinName) -> None:
        still, classes = made(name, noise=0.0)
        moved, same_classes = made(name, noise=0.3)
        assert classes.tolist() == same_classes.tolist()
        apart = np.linalg.norm(moved - still, axis=1)
        assert 0.05 < np.median(apart) < 4

    def test_more_noise_mixes_the_classes(self, name: BuiltinName) -> None:
        """The share of points whose nearest neighbour is of the other class grows."""
        assert other_neighbours(*made(name, noise=0.0)) < 0.05
        assert other_neighbours(*made(name, noise=1.0)) > 0.08


def other_neighbours(points: np.ndarray, classes: np.ndarray) -> float:
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(np.mean(classes != classes[apart.argmin(axis=1)]))


def test_circles_are_a_disc_inside_a_ring() -> None:
    points, classes = made("circles")
    radius = np.linalg.norm(points, axis=1)
    assert radius[classes == 1].max() <= 2.5
    assert radius[classes == 0].min() >= 3.5
    assert radius.max() <= 5


def test_xor_classes_follow_the_quadrants_with_a_gap() -> None:
    points, classes = made("xor")
    assert np.array_equal(classes == 1, np.sign(points[:, 0]) == np.sign(points[:, 1]))
    assert np.abs(points).min() >= 0.3
    assert np.abs(points).max() <= 5.3


def test_blobs_lie_about_two_centres() -> None:
    points, classes = made("blobs")
    assert points[classes == 1].mean(axis=0) == pytest.approx([2, 2], abs=0.2)
    assert points[classes == 0].mean(axis=0) == pytest.approx([-2, -2], abs=0.2)
    noisy, classes = made("blobs", 2000, noise=0.5)
    assert noisy[classes == 1].std(axis=0) == pytest.approx([2, 2], rel=0.1)  # √(0.5 + 7·0.5)


def test_spiral_arms_mirror_each_other() -> None:
    points, classes = made("spiral", 400)
    arms = [points[classes == k] for k in (0, 1)]
    apart = np.linalg.norm(arms[0][:, None] + arms[1][None], axis=2)
    assert apart.min(axis=1).max() < 1e-9
    radius = np.linalg.norm(points, axis=1)
    assert radius.min() == 0
    assert 4.9 < radius.max() <= 5


def test_moons_lie_on_two_half_circles() -> None:
    points, classes = made("moons")
    upper, lower = points[classes == 0], points[classes == 1]
    assert np.hypot(upper[:, 0] + 1.5, upper[:, 1] + 0.75) == pytest.approx(np.full(200, 3.0))
    assert np.hypot(lower[:, 0] - 1.5, lower[:, 1] - 0.75) == pytest.approx(np.full(200, 3.0))
    assert upper[:, 1].min() >= -0.75
    assert lower[:, 1].max() <= 0.75


def test_features_are_computed_in_the_order_asked_for() -> None:
    points = np.array([[0.5, -2.0], [3.0, 1.0]])
    x, y = points.T
    names = ("sin(y)", "xy", "y", "x^2", "x", "y^2", "sin(x)")
    expected = np.stack([np.sin(y), x * y, y, x * x, x, y * y, np.sin(x)], axis=1)
    assert features_of(names)(points) == pytest.approx(expected)
    assert features_of(("y",))(points).shape == (2, 1)
