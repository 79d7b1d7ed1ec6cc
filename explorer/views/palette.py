"""Colours: of the two themes, and of values. No Qt here.

Signed values take one diverging map, blue positive and orange negative with zero in the middle;
activations that start at zero take a sequential one.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from explorer.core.data.dataset import Floats
from explorer.core.experiment import Activation

Rgb: TypeAlias = tuple[int, int, int]
Bytes: TypeAlias = NDArray[np.uint8]
ThemeName: TypeAlias = Literal["dark", "light"]


class Theme(Struct, frozen=True):
    """The colours of one theme, as ``#rrggbb``."""

    name: ThemeName
    canvas: str
    panel: str
    card: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    positive: str
    negative: str
    good: str
    bad: str
    zero: str
    empty: str
    full: str


DARK = Theme(
    name="dark",
    canvas="#14161b",
    panel="#1b1e25",
    card="#232731",
    raised="#2c313d",
    border="#2f3440",
    text="#e8eaef",
    muted="#9aa1ad",
    accent="#ffd166",
    on_accent="#1b1e25",
    positive="#4ea3ff",
    negative="#ff9a3c",
    good="#7bd88f",
    bad="#ff6b6b",
    zero="#2a2f3a",
    empty="#20242c",
    full="#eceef2",
)
LIGHT = Theme(
    name="light",
    canvas="#fbfbf8",
    panel="#ffffff",
    card="#f1f2f4",
    raised="#e4e7ec",
    border="#d9dce3",
    text="#232b36",
    muted="#5a6472",
    accent="#b07d00",
    on_accent="#ffffff",
    positive="#1769c4",
    negative="#d9660a",
    good="#217a3c",
    bad="#c22f2f",
    zero="#dfe3ea",
    empty="#f0f1f3",
    full="#232b36",
)
_DARK_INK, _LIGHT_INK = "#000000", "#ffffff"  # one of which always has a contrast of 4.5
_LUMINOUS = np.array([0.2126, 0.7152, 0.0722])
_CHANNEL = np.arange(256) / 255
_LINEAR = np.where(_CHANNEL <= 0.04045, _CHANNEL / 12.92, ((_CHANNEL + 0.055) / 1.055) ** 2.4)
_MIDDLE = math.sqrt(1.05 * 0.05) - 0.05  # the luminance that black and white contrast alike with
_CLASS_COLOURS = (
    "#4ea3ff", "#ff9a3c", "#57c78a", "#e5659d", "#b48cf2",
    "#e0c341", "#45c4c9", "#f2735f", "#9aa85b", "#a7a9b4",
)  # fmt: skip
THEMES: dict[ThemeName, Theme] = {"dark": DARK, "light": LIGHT}


def class_colour(index: int, n_classes: int, theme: Theme) -> str:
    """The colour of a class: of two, orange and blue; else one of ten that stay apart."""
    if n_classes <= 2:
        return theme.positive if index else theme.negative
    colour = _CLASS_COLOURS[index % len(_CLASS_COLOURS)]
    return colour if theme.name == "dark" else mix(colour, "#000000", 0.18)


def rgb(colour: str) -> Rgb:
    """``#rrggbb`` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(first: str, second: str, share: float) -> str:
    """The colour ``share`` of the way from the first to the second."""
    a, b = rgb(first), rgb(second)
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"


def diverging(values: Floats, scale: float, theme: Theme) -> Bytes:
    """RGB of signed values, (..., 3): negative at −scale, zero in the middle, positive at +scale.

    Values beyond the scale take its end. Raises ValueError for NaN, which has no colour.
    """
    share = np.clip(_checked(values) / (scale or 1.0), -1, 1)
    ends = np.array([rgb(theme.negative), rgb(theme.zero), rgb(theme.positive)], float)
    return _blend(share, ends)


def sequential(values: Floats, scale: float, theme: Theme) -> Bytes:
    """RGB of values from 0 to ``scale``, (..., 3); values outside take the nearer end."""
    share = np.clip(_checked(values) / (scale or 1.0), 0, 1)
    ends = np.array([rgb(theme.empty), rgb(theme.empty), rgb(theme.full)], float)
    return _blend(share, ends)


def relief(share: Floats, theme: Theme) -> Bytes:
    """RGB of a height, (..., 3): 0 is the bottom, cool, and 1 fades into the canvas."""
    bottom = np.array(rgb(mix(theme.canvas, theme.positive, 0.45)), float)
    top = np.array(rgb(theme.canvas), float)
    return np.asarray(np.rint(bottom + (top - bottom) * np.clip(share, 0, 1)[..., None]), np.uint8)


def starts_at_zero(activation: Activation) -> bool:
    """Whether an activation's values run from zero up (sequential) or to both sides."""
    return activation in ("sigmoid", "relu", "softmax", "softplus")


def bounded(activation: Activation) -> bool:
    """Whether no activation is beyond 1 or −1."""
    return activation in ("sigmoid", "tanh", "softmax")


def hexadecimal(colour: Bytes) -> str:
    """One RGB triple as ``#rrggbb``."""
    return f"#{int(colour[0]):02x}{int(colour[1]):02x}{int(colour[2]):02x}"


def packed(colours: Bytes) -> NDArray[np.uint32]:
    """RGB (..., 3) as 0xffrrggbb (...)."""
    red, green, blue = np.moveaxis(colours.astype(np.uint32), -1, 0)
    return np.asarray(np.uint32(0xFF000000) | red << 16 | green << 8 | blue, np.uint32)


def readable_on(background: str) -> str:
    """Black or white, whichever has more contrast with the background (WCAG 2)."""
    return inks(np.array([rgb(background)], np.uint8))[0]


def inks(backgrounds: Bytes) -> list[str]:
    """:func:`readable_on` of many backgrounds, RGB (n, 3)."""
    light = (_LINEAR[backgrounds] @ _LUMINOUS >= _MIDDLE).tolist()
    return [_DARK_INK if is_light else _LIGHT_INK for is_light in light]


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1, as WCAG 2 defines it."""
    return float(_LINEAR[list(rgb(colour))] @ _LUMINOUS)


def _checked(values: Floats) -> Floats:
    if np.isnan(values).any():
        raise ValueError("NaN has no colour")
    return values


def _blend(share: Floats, ends: Floats) -> Bytes:
    """Colours between three ends at −1, 0 and +1."""
    towards = np.where(share[..., None] < 0, ends[0], ends[2])
    blended = ends[1] + (towards - ends[1]) * np.abs(share)[..., None]
    return np.asarray(np.rint(blended), np.uint8)
