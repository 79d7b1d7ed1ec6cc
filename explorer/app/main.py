"""The command line: the window, or one of the commands that need none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from explorer.core.experiment import ExperimentError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status.

    0 for success, 1 for an experiment that cannot be run or diverged, 2 for wrong arguments.
    """
    chosen = _parser().parse_args(_with_window(sys.argv[1:] if arguments is None else arguments))
    try:
        status = chosen.run(chosen)
    except (ExperimentError, ArithmeticError, OSError) as error:
        print(f"backprop-explorer: {error}", file=sys.stderr)
        return 1
    assert isinstance(status, int)
    return status


def _with_window(arguments: Sequence[str]) -> list[str]:
    """A file (or nothing) instead of a command means the window."""
    commands = ("window", "trace", "train", "render", "doctor", "-h", "--help", "--version")
    if arguments and arguments[0] in commands:
        return list(arguments)
    return ["window", *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backprop-explorer",
        description="Step through backpropagation, one mini-batch at a time, on a real model.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_window(commands)
    _add_trace(commands)
    _add_train(commands)
    _add_render(commands)
    _add_doctor(commands)
    return parser


def _version() -> str:
    from importlib.metadata import version

    return version("backprop-explorer")


def _add_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", metavar="FILE", help="an experiment file, or the name of a built-in data set"
    )


def _add_window(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("window", help="open the window (the default)")
    command.add_argument("file", metavar="FILE", nargs="?", help="an experiment file to open")
    command.set_defaults(run=_window)


def _add_trace(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("trace", help="print the trace of an update as JSON")
    _add_file(command)
    command.add_argument("--updates", type=_positive, default=1, metavar="N", help="updates to run")
    command.add_argument("--all", action="store_true", help="print every update, one a line")
    command.set_defaults(run=_trace)


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("train", help="train without a window and print the costs")
    _add_file(command)
    command.add_argument("--updates", type=_positive, default=1000, metavar="N")
    command.add_argument("--every", type=_positive, metavar="N", help="print every N updates")
    command.add_argument("--save", metavar="PATH", help="write the parameters as safetensors")
    command.set_defaults(run=_train)


def _add_render(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("render", help="draw the window into a file without a screen")
    _add_file(command)
    command.add_argument("--updates", type=_positive, default=1, metavar="N")
    command.add_argument("--beat", default="update", help="such as cost, forward:1, backward:2")
    command.add_argument("--example", type=_positive, default=1, metavar="I", help="in focus")
    command.add_argument(
        "--select", metavar="L:J[:K]", help="select neuron J of layer L, or its weight from K"
    )
    large = ("microscope", "wishes", "worksheet", "landscape")
    command.add_argument("--large", choices=large, help="over the drawing")
    command.add_argument("--tab", choices=("example", "landscape", "code"), help="below it")
    command.add_argument(
        "--out", required=True, metavar="PATH", help="x.png; of the network also x.svg or x.pdf"
    )
    command.add_argument("--size", type=_size, default=(1600, 1000), metavar="WxH")
    command.add_argument(
        "--scale", type=float, default=1.0, help="pixels per point of a PNG, 1 to 4"
    )
    command.add_argument("--theme", choices=("dark", "light"), default="dark")
    command.add_argument("--what", choices=("window", "network"), default="window")
    command.set_defaults(run=_render)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("doctor", help="say what this machine offers")
    command.set_defaults(run=_doctor)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected a number of at least 1")
    return value


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError("expected a size such as 1600x1000") from None
    if not (640 <= width <= 7680 and 400 <= height <= 4320):
        raise argparse.ArgumentTypeError("expected a size from 640x400 to 7680x4320")
    return width, height


# Each command is imported when it is asked for: torch alone takes seconds.


def _window(chosen: argparse.Namespace) -> int:
    from explorer.app.application import run_window

    return run_window(chosen.file)


def _trace(chosen: argparse.Namespace) -> int:
    from explorer.app.commands.trace import trace

    return trace(chosen.file, chosen.updates, every=chosen.all)


def _train(chosen: argparse.Namespace) -> int:
    from explorer.app.commands.train import train

    return train(chosen.file, chosen.updates, every=chosen.every, save=chosen.save)


def _render(chosen: argparse.Namespace) -> int:
    from explorer.app.commands.render import render

    return render(
        chosen.file,
        updates=chosen.updates,
        beat=chosen.beat,
        example=chosen.example,
        select=chosen.select,
        large=chosen.large,
        tab=chosen.tab,
        out=chosen.out,
        size=chosen.size,
        scale=chosen.scale,
        theme=chosen.theme,
        what=chosen.what,
    )


def _doctor(_: argparse.Namespace) -> int:
    from explorer.app.commands.doctor import doctor

    return doctor()
