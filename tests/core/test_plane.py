from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.plane import ASPECT, Candidate, axes_of, grid_around, leading_directions

ALL_FREE = np.ones(7)


def points_of(seed: int, rank: int, n: int = 12, size: int = 7) -> Any:
    """Points in a random subspace, the last of them the origin."""
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(n, rank)) @ generator.normal(size=(rank, size))
    return np.concatenate([points, np.zeros((1, size))])


class TestLeadingDirections:
    @given(seed=st.integers(0, 10_000))
    def test_are_the_leading_singular_vectors(self, seed: int) -> None:
        points = points_of(seed, 4)
        vectors = np.linalg.svd(points)[2]
        found = leading_directions(points)
        assert [c.name for c in found] == ["path 1", "path 2"]
        for candidate, vector in zip(found, vectors, strict=False):
            unit = candidate.vector / np.linalg.norm(candidate.vector)
            assert abs(unit @ vector) == pytest.approx(1, abs=1e-6)

    @given(seed=st.integers(0, 10_000))
    def test_the_farthest_point_is_to_the_left_and_above(self, seed: int) -> None:
        points = points_of(seed, 3)
        for candidate, side in zip(leading_directions(points), (-1, 1), strict=True):
            coordinates = points @ candidate.vector
            assert coordinates[np.abs(coordinates).argmax()] * side > 0

    def test_of_a_line_there_is_one_and_of_a_point_none(self) -> None:
        assert len(leading_directions(points_of(1, 1))) == 1
        assert leading_directions(np.zeros((5, 7))) == ()


class TestAxes:
    def test_along_the_path(self) -> None:
        path = leading_directions(points_of(2, 3))
        axes = axes_of("path", path, [], ALL_FREE)
        assert (axes.plane, axes.names) == ("path", ("path 1", "path 2"))
        assert axes.directions @ axes.directions.T == pytest.approx(np.eye(2), abs=1e-12)
        for candidate, direction in zip(path, axes.directions, strict=True):
            assert candidate.vector @ direction > 0

    @pytest.mark.parametrize("rank", [0, 1])
    def test_a_path_without_two_directions_gives_way_to_the_gradients(self, rank: int) -> None:
        gradients = self.gradients([1, 1, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, 0, 0])
        axes = axes_of("path", leading_directions(points_of(3, rank)), gradients, ALL_FREE)
        assert (axes.plane, axes.names) == (
            "gradients",
            ("mini-batch gradient", "full-batch gradient"),
        )
        root = 0.5**0.5
        expected = np.array([[root, root, 0, 0, 0, 0, 0], [-root, root, 0, 0, 0, 0, 0]])
        assert axes.directions == pytest.approx(expected)

    def test_parallel_gradients_take_the_path_for_a_second(self) -> None:
        gradients = self.gradients([1, 0, 0, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0, 0])
        axes = axes_of("gradients", leading_directions(points_of(4, 2)), gradients, ALL_FREE)
        assert axes.names == ("mini-batch gradient", "path 1")

    def test_with_nothing_to_go_by_the_same_random_plane_every_time(self) -> None:
        free = np.array([1.0, 0, 1, 0, 1, 0, 0])
        nothing = self.gradients(np.zeros(7), np.full(7, np.nan))
        one, two = (axes_of("path", (), nothing, free) for _ in range(2))
        assert one.names == ("random", "random")
        assert np.array_equal(one.directions, two.directions)
        assert one.directions @ one.directions.T == pytest.approx(np.eye(2), abs=1e-12)
        assert not one.directions[:, free == 0].any()

    @pytest.mark.parametrize("n_free", [0, 1])
    def test_too_few_free_parameters_still_give_a_plane(self, n_free: int) -> None:
        free = (np.arange(7) < n_free).astype(float)
        axes = axes_of("gradients", (), [], free)
        assert axes.directions @ axes.directions.T == pytest.approx(np.eye(2), abs=1e-12)

    @staticmethod
    def gradients(mini_batch: Any, full_batch: Any) -> list[Candidate]:
        return [
            Candidate("mini-batch gradient", np.array(mini_batch, float)),
            Candidate("full-batch gradient", np.array(full_batch, float)),
        ]


COORDINATES = st.floats(-1e3, 1e3).filter(lambda v: v == 0 or abs(v) > 1e-3)
PATHS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=9)


class TestGrid:
    @given(path=PATHS, shares=st.lists(st.floats(-1, 1), min_size=2, max_size=2))
    def test_holds_the_paths_in_squares_around_the_current_point(
        self, path: list[tuple[float, float]], shares: list[float]
    ) -> None:
        mini_batch = np.array([*path, (0.0, 0.0)])
        full_batch = np.abs(mini_batch).max() * np.array([shares, (0, 0)]) * 2.9
        x, y = grid_around(mini_batch, full_batch, 41, 1.0)
        assert len(x) / len(y) == pytest.approx(ASPECT, rel=0.05)
        assert len(x) * len(y) == pytest.approx(41**2, rel=0.05)
        steps = np.concatenate([np.diff(x), np.diff(y)])
        assert steps == pytest.approx(np.full_like(steps, steps[0]))
        assert steps[0] > 0
        assert 0 in x
        assert 0 in y
        for values, column in ((x, 0), (y, 1)):
            both = np.concatenate([mini_batch[:, column], full_batch[:, column]])
            margin = 0.05 * np.ptp(both)
            assert values[0] <= both.min() - margin
            assert values[-1] >= both.max() + margin

    def test_leaves_what_runs_away_outside(self) -> None:
        mini_batch = np.array([[-1.0, 0.2], [0, 0]])
        x, _ = grid_around(mini_batch, np.array([[-1.0, 0.2], [1e9, 0]]), 41, 1.0)
        near, _ = grid_around(mini_batch, mini_batch, 41, 1.0)
        assert np.array_equal(x, near)

    def test_around_a_path_that_stands_still(self) -> None:
        x, y = grid_around(np.zeros((5, 2)), np.zeros((5, 2)), 41, 0.5)
        assert x[0] < 0 < x[-1]
        assert y[0] < 0 < y[-1]
        assert x[-1] == pytest.approx(0.5e-3, rel=0.1)
