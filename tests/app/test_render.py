"""``render``: the same drawing, made without a screen by the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.app.main import main


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "explorer", "render", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize(
    ("theme", "canvas"), [("dark", (0x14, 0x16, 0x1B)), ("light", (0xFB, 0xFB, 0xF8))]
)
def test_a_picture_of_the_size_scale_and_theme_asked_for(
    tmp_path: Path, theme: str, canvas: tuple[int, int, int]
) -> None:
    out = tmp_path / "x.png"
    done = run(
        "mazur", "--updates", "3", "--beat", "backward:2", "--out", str(out),
        "--size", "1280x720", "--scale", "2", "--theme", theme,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    picture = np.asarray(Image.open(out).convert("RGB"))
    assert picture.shape == (1440, 2560, 3)
    share = (picture == canvas).all(axis=2).mean()
    assert share > 0.2
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mazur", "--beat", "backward:7"], "no beat 'backward:7'"),
        (["mazur", "--example", "2"], "the mini-batch has 1"),
        (["mazur", "--select", "9:1"], "no neuron 9:1"),
        (["mazur", "--select", "1:1:3"], "no weight 1:1:3"),
        (["mazur", "--select", "0:1:1"], "no weight 0:1:1"),
        (["mazur", "--select", "1"], "expected LAYER:NEURON or LAYER:NEURON:SOURCE"),
        (["missing.json"], "missing.json"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    out = tmp_path / "x.png"
    done = run(*arguments, "--out", str(out))
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "begins"), [("x.svg", b"<?xml"), ("x.pdf", b"%PDF"), ("x.png", b"\x89PNG")]
)
def test_the_name_says_which_format_the_network_is_drawn_in(
    tmp_path: Path, name: str, begins: bytes
) -> None:
    out = tmp_path / name
    done = run("mazur", "--what", "network", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(begins)


def test_a_format_that_there_is_not_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "mazur", "--out", str(tmp_path / "x.svg")]) == 2
    assert "A picture of the window is written as PNG" in capsys.readouterr().err


def test_wrong_sizes_are_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["render", "mazur", "--out", "x.png", "--size", "10"])
    assert stopped.value.code == 2
    assert "1600x1000" in capsys.readouterr().err


def test_large_views_and_tabs_are_drawn_with_what_is_computed_beside_the_trace(
    tmp_path: Path,
) -> None:
    """A finished landscape is a field of blue; one still to come is not."""
    pictures = {}
    for name in (
        ["--large", "microscope", "--select", "1:1:2"],
        ["--tab", "landscape"],
        ["--tab", "code"],
        [],
    ):
        out = tmp_path / "x.png"
        done = run("digits", "--updates", "3", "--out", str(out), "--size", "1280x720", *name)
        assert done.returncode == 0, done.stderr
        pictures[" ".join(name)] = np.asarray(Image.open(out).convert("RGB"))
    plain = pictures.pop("")
    for name, picture in pictures.items():
        assert (picture != plain).any(axis=2).mean() > 0.01, name
    below = np.s_[600:680, 682:960]
    blue = {n: (p[below][..., 2] > p[below][..., 0] + 30.0).mean() for n, p in pictures.items()}
    assert blue["--tab landscape"] > 0.15 > blue["--tab code"]
