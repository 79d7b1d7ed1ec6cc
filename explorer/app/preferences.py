"""What is remembered from one start to the next: theme, recent files, the window's arrangement."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QSettings

from explorer.views.palette import THEMES, ThemeName

_MOST_RECENT = 8


class Preferences:
    """Reads and writes ``QSettings``; values that make no sense count as not set."""

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = settings or QSettings("backprop-explorer", "backprop-explorer")

    @property
    def theme(self) -> ThemeName:
        """The theme chosen last; dark at first."""
        name = self._settings.value("theme")
        return cast("ThemeName", name) if name in THEMES else "dark"

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._settings.setValue("theme", name)

    @property
    def faces(self) -> bool:
        """Whether neurons show what they say over the plane; not at first."""
        return self._settings.value("faces") in (True, "true")

    @faces.setter
    def faces(self, shown: bool) -> None:
        self._settings.setValue("faces", shown)

    @property
    def animate(self) -> bool:
        """Whether waves and arrows move on a step; at first they do."""
        return self._settings.value("animate") not in (False, "false")

    @animate.setter
    def animate(self, on: bool) -> None:
        self._settings.setValue("animate", on)

    @property
    def recent(self) -> list[Path]:
        """Experiment files opened or saved lately that are still there, newest first."""
        stored = self._settings.value("recent") or []
        names = [stored] if isinstance(stored, str) else list(cast("list[str]", stored))
        return [Path(name) for name in names if Path(name).is_file()]

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        path = path.resolve()
        recent = [path, *(other for other in self.recent if other != path)]
        self._settings.setValue("recent", [str(p) for p in recent[:_MOST_RECENT]])

    def state(self, name: str) -> QByteArray | None:
        """The stored geometry or arrangement of a part of the window."""
        value = self._settings.value(f"window/{name}")
        return value if isinstance(value, QByteArray) else None

    def remember_state(self, name: str, state: QByteArray) -> None:
        """Store the geometry or arrangement of a part of the window."""
        self._settings.setValue(f"window/{name}", state)
