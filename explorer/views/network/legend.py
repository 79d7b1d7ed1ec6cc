"""The legends below the drawing: colour bars with numbers at their ends."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from explorer.core.numbers import number
from explorer.views.network import ink
from explorer.views.network.edges import Drawn
from explorer.views.network.picture import Picture
from explorer.views.network.words import width_of, write
from explorer.views.palette import Theme, diverging, hexadecimal, sequential
from explorer.views.theme import font

HEIGHT = 42.0
_BAR = 7.0
_WIDE = 760.0
_LEAST_ROOM = 160.0  # points, to say how many edges there are
_LEFT = _GAP = 26.0
_ACTIVATIONS = 110.0  # points, at least, where there is room
_EDGES = 268.0  # points, the longest of its titles, so that the next bar stands still


def draw_legend(
    painter: QPainter,
    picture: Picture,
    drawn: Drawn,
    theme: Theme,
    bottom: float,
    width: float,
    *,
    ring: bool,
) -> None:
    """Draw the legends of edges (and rings) and of activations, above ``bottom``."""
    top = bottom - HEIGHT + 6
    strip = QColor(theme.canvas)
    strip.setAlphaF(0.86)  # over what a zoomed drawing puts there
    painter.fillRect(QRectF(0, bottom - HEIGHT, width, HEIGHT), strip)
    scale = picture.edge_scale
    title = picture.edge_title + (" · bias ring" if ring else "")
    x = _bar(painter, theme, _LEFT, top, _EDGES, (-scale, scale), title, is_diverging=True)
    kinds = [(n.signed, n.bounded, n.scale) for n in picture.neurons[1:]]
    wide = _EDGES + len(set(kinds)) * (_GAP + _ACTIVATIONS) < width - 2 * _LEFT
    gap, least = (_GAP, _ACTIVATIONS) if wide else (_GAP / 2, 0.0)
    for kind in sorted(set(kinds)):
        signed, _, most = kind
        ends = (-most if signed else 0.0, most)
        name = _activation_name([each == kind for each in kinds], short=width < _WIDE)
        x = _bar(painter, theme, x + gap, top, least, ends, name, is_diverging=signed)
    if drawn.edges > ink.MANY and width - x > _LEAST_ROOM:
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(12))
        box = QRectF(x + 24, top - 2, max(width - x - 44, 0), 30)
        whole = sum(edges.values.size for edges in picture.edges)
        shown = f"all {whole:,} edges"
        if drawn.edges < whole:  # those of folded neurons are not there to be drawn
            shown = f"{drawn.edges:,} of {whole:,} edges"
        text = f"{shown}, the strongest in front"
        if drawn.drawn < drawn.edges:
            text = f"{drawn.drawn:,} of {drawn.edges:,} edges drawn, the strongest"
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextWordWrap, text)


def _activation_name(of: list[bool], *, short: bool) -> str:
    """What an activation's bar is of, of the layers from the first hidden one to the output."""
    *hidden, output = of
    if all(of):
        return "activation"
    numbers = ", ".join(str(layer) for layer, its in enumerate(hidden, start=1) if its)
    names = ["hidden" if all(hidden) else f"hidden {numbers}"] if numbers else []
    layers = ", ".join([*names, "output"] if output else names)
    return layers if short else f"{layers} activation"


def _bar(
    painter: QPainter,
    theme: Theme,
    x: float,
    top: float,
    width: float,
    ends: tuple[float, float],
    title: str,
    *,
    is_diverging: bool,
) -> float:
    """Draw one colour bar, as wide as its caption needs; returns its right edge."""
    low, high = number(ends[0], 2), number(ends[1], 2)
    width = max(width, sum(width_of(t, 12) for t in (low, title, high)) + 28)
    gradient = QLinearGradient(x, 0, x + width, 0)
    span = ends[1] or 1.0
    shares = ends[0] / span, ends[1] / span
    gradient.setStops(_stops(shares, theme, is_diverging=is_diverging))
    painter.setPen(QColor(theme.border))
    painter.setBrush(gradient)
    painter.drawRoundedRect(QRectF(x, top, width, _BAR), _BAR / 2, _BAR / 2)
    painter.setPen(QColor(theme.muted))
    box = QRectF(x, top + _BAR + 3, width, 18)
    write(painter, box, low, 12, across=Qt.AlignmentFlag.AlignLeft, top=True)
    write(painter, box, title, 12, top=True)
    write(painter, box, high, 12, across=Qt.AlignmentFlag.AlignRight, top=True)
    return x + width


@lru_cache(16)
def _stops(
    shares: tuple[float, float], theme: Theme, *, is_diverging: bool
) -> list[tuple[float, QColor]]:
    """The colours from one share of the scale to another."""
    colour = diverging if is_diverging else sequential
    colours = colour(np.linspace(*shares, 9), 1.0, theme)
    return [(k / 8, QColor(hexadecimal(each))) for k, each in enumerate(colours)]
