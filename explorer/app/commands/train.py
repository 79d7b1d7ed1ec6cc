"""``train``: train without a window, print the costs, keep the parameters."""

from __future__ import annotations

import time
from pathlib import Path

from explorer.app.commands.prepare import prepare
from explorer.app.whole_file import write_whole
from explorer.core.examples import Evaluation
from explorer.core.trainer import Trainer


def train(file: str, updates: int, *, every: int | None, save: str | None) -> int:
    """Train ``updates`` updates, printing the total costs ten times or ``every`` so many."""
    if save and not Path(save).absolute().parent.is_dir():
        raise FileNotFoundError(f"{save}: there is no such folder")
    trainer = prepare(file)
    print(f"{trainer.dataset.name} on {trainer.device_title}")
    print(f"{'update':>9}  {'train cost':>12} {'accuracy':>9}  {'test cost':>12} {'accuracy':>9}")
    step = every or max(1, updates // 10)
    _print_row(trainer)
    seconds = 0.0
    while trainer.update < updates:
        start = time.perf_counter()
        row = min(trainer.update + step, updates)
        while trainer.update < row:
            trainer.advance_many(row - trainer.update)
        seconds += time.perf_counter() - start
        _print_row(trainer)
    print(f"{updates / seconds:,.0f} updates/s")
    if save:
        from safetensors.torch import save as serialize

        state = trainer.network.state_dict().items()
        write_whole(Path(save), serialize({name: t.contiguous() for name, t in state}))
        print(f"parameters written to {save}")
    return 0


def _print_row(trainer: Trainer) -> None:
    train, test = trainer.evaluate(), trainer.evaluate(test=True)
    print(f"{trainer.update:>9,}  {_cells(train)}  {_cells(test)}", flush=True)


def _cells(evaluation: Evaluation) -> str:
    cost, accuracy = evaluation
    shown = "–" if cost != cost else f"{cost:.6f}"
    return f"{shown:>12} {'–' if accuracy is None else f'{accuracy:.1%}':>9}"
