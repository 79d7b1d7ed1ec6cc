"""TensorFlow Playground's engine, built from a checkout of its repository, as a peer."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.benchmarks.networks import Case

_AT_ONCE_WEIGHTS = 200_000  # weights to update in one call
_DRIVER = """
const nn = require("./nn.js");
const readline = require("readline");
const c = JSON.parse(process.argv[2]);
const ids = c.units.slice(0, 1).flatMap(n => Array.from({length: n}, (_, k) => "x" + k));
const sigma = nn.Activations[c.activation.toUpperCase()];
const network = nn.buildNetwork(c.units, sigma, sigma, null, ids, false);
// The engine compares one output with a target; with the others it does the same work on zeros.
let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const rows = Array.from({length: 512}, () => ids.map(random));
const targets = rows.map(() => (random() < 0.5 ? 0 : 1));
let next = 0;
readline.createInterface({input: process.stdin}).on("line", line => {
  for (let update = 0; update < Number(line); update++) {
    for (let k = 0; k < c.batch; k++) {
      nn.forwardProp(network, rows[next]);
      nn.backProp(network, targets[next], nn.Errors.SQUARE);
      next = (next + 1) % rows.length;
    }
    nn.updateWeights(network, c.rate, 0);
  }
  console.log("done");
});
"""


class Playground:
    """Its ``src/nn.ts`` compiled into a temporary folder with npm and node.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        When npm, node or the checkout is not there, or the compiler fails.
    """

    def __init__(self, checkout: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        source = checkout / "src" / "nn.ts"
        compiler = ["npx", "--yes", "--package", "typescript@5", "tsc", "--skipLibCheck"]
        options = ["--target", "es2017", "--module", "commonjs", "--outDir", self._folder.name]
        subprocess.run([*compiler, *options, str(source)], check=True, stdout=subprocess.PIPE)
        (Path(self._folder.name) / "driver.js").write_text(_DRIVER, encoding="utf-8")

    @contextmanager
    def engine(self, case: Case) -> Iterator[Peer]:
        """A network of its own in a process of its own."""
        described = {
            "units": case.units,
            "activation": case.activation,
            "batch": case.batch,
            "rate": case.rate,
        }
        process = subprocess.Popen(
            ["node", str(Path(self._folder.name) / "driver.js"), json.dumps(described)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        weights = sum(m * n for m, n in zip(case.units, case.units[1:], strict=False))
        at_once = max(_AT_ONCE_WEIGHTS // (weights * case.batch), 1)
        try:
            yield Peer(process.stdin, process.stdout, at_once)
        finally:
            process.communicate()


class Peer:
    """Trains when it is told to."""

    def __init__(self, commands: IO[str], answers: IO[str], at_once: int) -> None:
        self._commands, self._answers, self._at_once = commands, answers, at_once

    def train(self) -> float:
        """Make some updates; returns how many."""
        self._commands.write(f"{self._at_once}\n")
        self._commands.flush()
        if not self._answers.readline():
            raise OSError("node has ended")
        return self._at_once
