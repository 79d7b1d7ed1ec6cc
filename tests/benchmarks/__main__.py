"""Measure everything, or some sections, in one run: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")  # as the program does

import torch

from explorer.app.application import make_application
from tests.benchmarks import (
    cost_slice,
    cuda,
    live,
    plot,
    rewinding,
    start,
    surfaces,
    training,
    wishes,
)
from tests.benchmarks.playground import Playground
from tests.benchmarks.race import Figure
from tests.benchmarks.table import print_figures, write_json

_SECONDS = 3.0


def main() -> None:
    """Run the sections, print their figures as they come, and write them."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    make_application()
    found: list[Figure] = []
    skipped: dict[str, str] = {}
    for name, figures in _sections(options.seconds, options.playground).items():
        if options.only and name not in options.only:
            continue
        print(f"\n{name}", flush=True)
        if name == "cuda" and not torch.cuda.is_available():
            skipped[name] = "torch reports no CUDA device on this machine"
            print(f"skipped: {skipped[name]}")
            continue
        print_figures(_kept(figures(), found))
    if options.playground is None:
        skipped["TensorFlow Playground"] = "no checkout was named with --playground"
    if options.json is not None:
        write_json(options.json, found, skipped)


def _sections(seconds: float, playground: Path | None) -> dict[str, Callable[[], Iterable[Figure]]]:
    def trained() -> Iterator[Figure]:
        peer = Playground(playground) if playground is not None else None
        return training.figures(seconds, peer)

    return {
        "start": lambda: start.figures(seconds),
        "training": trained,
        "live": lambda: live.figures(seconds),
        "plot": lambda: plot.figures(seconds),
        "surfaces": lambda: surfaces.figures(seconds),
        "wishes": lambda: wishes.figures(seconds),
        "rewinding": lambda: rewinding.figures(seconds),
        "cost slice": lambda: cost_slice.figures(seconds),
        "cuda": lambda: cuda.figures(seconds),
    }


def _kept(figures: Iterable[Figure], found: list[Figure]) -> Iterator[Figure]:
    for figure in figures:
        found.append(figure)
        yield figure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    parser.add_argument(
        "--playground",
        type=Path,
        metavar="PATH",
        help="a checkout of tensorflow/playground, to be built with npm and measured as a peer",
    )
    parser.add_argument(
        "--seconds", type=float, default=_SECONDS, help="for each contender (default: 3)"
    )
    parser.add_argument("--only", nargs="+", metavar="SECTION", help="these sections alone")
    return parser


if __name__ == "__main__":
    main()
