from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from explorer.views.network.crew import Crew


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_every_part_is_done_once(size: int, count: int) -> None:
    crew, parts = Crew(size), list(pairwise(range(count + 1)))
    for _ in range(20):
        done: list[tuple[int, int]] = []
        crew.share(lambda start, end, done=done: done.append((start, end)), parts)
        assert sorted(done) == parts


def test_parts_are_done_beside_each_other() -> None:
    """Each of three waits until all have begun."""
    together = threading.Barrier(3, timeout=20)
    threads: set[int] = set()

    def work(start: int, end: int) -> None:
        del start, end
        threads.add(threading.get_ident())
        together.wait()

    Crew(3).share(work, [(0, 1), (1, 2), (2, 3)])
    assert len(threads) == 3


def test_a_thread_that_does_not_come_is_not_waited_for() -> None:
    """The other of two is kept busy by a part of its own; the caller does all the rest."""
    crew, held, free = Crew(2), threading.Event(), threading.Event()
    caller = threading.get_ident()
    order: list[bool] = []  # of each part, whether the caller did it

    def work(start: int, end: int) -> None:
        del start, end
        own = threading.get_ident() == caller
        if own:
            assert held.wait(20)
        else:
            held.set()
            assert free.wait(20)
        order.append(own)
        if len(order) == 9:
            free.set()

    crew.share(work, [(k, k + 1) for k in range(10)])
    assert order == [True] * 9 + [False]
