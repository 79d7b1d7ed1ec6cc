"""The look of widgets: fonts, Qt palette, style sheet. Values' colours are in palette."""

from __future__ import annotations

from functools import cache, lru_cache
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from explorer.core.shipped import asset
from explorer.views.palette import Theme, mix

SANS, SERIF, MONO = "Inter", "Noto Serif", "JetBrains Mono"


@cache
def prepare(app: QApplication) -> None:
    """Give the application its style and fonts; before the first widget, which inherits them."""
    for path in sorted(asset("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))
    app.setStyle("Fusion")
    app.setFont(font(13))


@lru_cache(maxsize=256)
def font(size: float, family: str = SANS, *, bold: bool = False) -> QFont:
    """A font of a size in pixels; figures all have the same width, so that numbers stand still.

    Painting asks for the same few thousands of times a second; they are shared and not changed.
    """
    result = QFont(family)
    result.setPixelSize(round(size))
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if family == SANS:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give every widget the theme's colours; painted views take it by their ``set_theme``."""
    app.setPalette(_qt_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _qt_palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.panel),
        (role.WindowText, theme.text),
        (role.Base, theme.card),
        (role.AlternateBase, theme.raised),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.card),
        (role.ButtonText, theme.text),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Mid, theme.border),
        (role.Link, theme.positive),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(
            QPalette.ColorGroup.Disabled, which, QColor(mix(theme.muted, theme.panel, 0.45))
        )
    return palette


def _style_sheet(theme: Theme) -> str:
    faint = mix(theme.muted, theme.panel, 0.45)
    return Template(asset("style.qss").read_text(encoding="utf-8")).substitute(
        canvas=theme.canvas,
        panel=theme.panel,
        card=theme.card,
        raised=theme.raised,
        border=theme.border,
        text=theme.text,
        muted=theme.muted,
        accent=theme.accent,
        on_accent=theme.on_accent,
        accent_hover=mix(theme.accent, theme.text, 0.18),
        good=theme.good,
        bad=theme.bad,
        faint=faint,
        groove=mix(theme.border, theme.text, 0.06),
        check=asset(f"icons/check-{theme.name}.svg").as_posix(),
        arrow=asset(f"icons/chevron-{theme.name}.svg").as_posix(),
    )
