from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.beats import KINDS, beats_of
from explorer.core.data.load import load
from explorer.core.experiment import Experiment, Inline, Layer, NetworkSpec, Sgd
from explorer.core.moment import Moment
from explorer.core.training_code import TrainingCode, training_code
from explorer.views import code_view
from explorer.views.code_listing import CodeListing, lit_colour, token_colours
from explorer.views.code_view import CAPTIONS, LIVE, CodeView
from explorer.views.palette import Theme, luminance, rgb

Moments = Callable[..., Moment]
LIT = {
    "mini_batch": ["for inputs, targets in batches():", "optimizer.zero_grad()"],
    "forward": ["outputs = model(inputs)"],
    "cost": ["loss = cost(outputs, targets).mean()"],
    "backward": ["loss.backward()"],
    "average": ["loss = cost(outputs, targets).mean()", "loss.backward()"],
    "update": ["optimizer.step()"],
}


def listing_of(view: CodeView) -> CodeListing:
    found = view.findChild(CodeListing)
    assert isinstance(found, CodeListing)
    return found


def button_of(view: CodeView) -> QToolButton:
    return next(b for b in view.findChildren(QToolButton) if b.text() == "copy")


def code_of(view: CodeView) -> TrainingCode:
    assert view.code is not None
    return view.code


def caption_of(view: CodeView) -> str:
    return next(label.text() for label in view.findChildren(QLabel) if label.objectName())


@pytest.fixture
def view(sized: Callable[[QWidget, int, int], None]) -> CodeView:
    built = CodeView()
    sized(built, 420, 210)
    return built


@pytest.fixture
def lit(pixels: Any, texts: Any) -> Callable[[CodeView, Theme], list[str]]:
    """The lines of code that stand on the lit ground, as they are painted."""

    def read(view: CodeView, theme: Theme) -> list[str]:
        viewport = listing_of(view).viewport()
        picture = pixels(viewport)
        right = picture[:, -2]  # no words reach there
        lines: dict[int, str] = {}
        for text in texts(viewport):
            row = round(text.y) - 4  # from the foot of the letters to within them
            lines[row] = lines.get(row, "") + text.words
        return [
            line.partition("#")[0].strip()
            for row, line in sorted(lines.items())
            if 0 <= row < len(right) and tuple(right[row]) == rgb(lit_colour(theme))
        ]

    return read


@pytest.mark.parametrize("kind", KINDS)
def test_the_lines_of_the_beat_are_lit(
    view: CodeView, moment_of: Moments, theme: Theme, lit: Any, kind: str
) -> None:
    view.set_theme(theme)
    view.show_moment(moment_of(kind))
    assert lit(view, theme) == LIT[kind]
    assert caption_of(view) == CAPTIONS[kind]  # type: ignore[index]


def test_with_a_penalty_its_line_is_lit_with_the_cost(
    view: CodeView, moment_of: Moments, theme: Theme, lit: Any
) -> None:
    view.set_theme(theme)
    view.show_moment(moment_of("cost", l2=0.1))
    assert lit(view, theme) == [*LIT["cost"], "loss = loss + penalty()"]
    assert "penalty" in caption_of(view)
    view.show_moment(moment_of("average", l2=0.1))
    assert "penalty" in caption_of(view)
    view.show_moment(moment_of("average"))
    assert "penalty" not in caption_of(view)


def test_a_bar_stands_before_a_lit_line(
    view: CodeView, moment_of: Moments, theme: Theme, pixels: Any
) -> None:
    view.set_theme(theme)
    view.show_moment(moment_of("average"))
    left = pixels(listing_of(view).viewport())[:, 1]
    accent = (left == rgb(theme.accent)).all(axis=1)
    assert accent.sum() == 2 * listing_of(view).fontMetrics().lineSpacing()
    assert (left[~accent] == rgb(theme.canvas)).all()


def test_each_beat_in_turn_lights_its_own_lines(
    view: CodeView, moment_of: Moments, theme: Theme, lit: Any
) -> None:
    view.set_theme(theme)
    for beat in beats_of(2):
        view.show_moment(moment_of(str(beat)))
        assert lit(view, theme) == LIT[beat.kind]


def test_the_whole_loop_is_lit_while_training_runs(
    view: CodeView, moment_of: Moments, theme: Theme, lit: Any
) -> None:
    view.set_theme(theme)
    view.show_moment(moment_of("update", live=True))
    code = code_of(view)
    loop = [code.lines[i].text.partition("#")[0].strip() for i in code.loop]
    assert lit(view, theme) == loop
    assert caption_of(view) == LIVE
    view.show_moment(moment_of("update"))
    assert lit(view, theme) == LIT["update"]


def test_without_a_moment_there_is_nothing_to_copy(view: CodeView, moment_of: Moments) -> None:
    assert not button_of(view).isEnabled()
    view.show_moment(moment_of())
    assert button_of(view).isEnabled()
    view.clear()
    assert view.code is None
    assert not button_of(view).isEnabled()
    assert listing_of(view).toPlainText() == ""
    assert caption_of(view) == ""
    view.show_moment(moment_of("backward"))
    assert listing_of(view).lit


# Copying --------------------------------------------------------------------------------------


def test_copy_puts_the_runnable_script_on_the_clipboard(
    qtbot: QtBot, view: CodeView, moment_of: Moments
) -> None:
    moment = moment_of("cost", loss="cross_entropy", layers=((3, "tanh"), (2, "softmax")))
    view.show_moment(moment)
    with qtbot.waitSignal(view.copied) as told:
        qtbot.mouseClick(button_of(view), Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text == training_code(moment.experiment, moment.dataset).source
    assert text == code_of(view).source
    compile(text, "script", "exec")
    assert f"{len(text.splitlines())} lines" in told.args[0]


def test_the_listing_is_what_is_copied(view: CodeView, moment_of: Moments) -> None:
    view.show_moment(moment_of())
    assert listing_of(view).toPlainText() + "\n" == code_of(view).source


# Another experiment ---------------------------------------------------------------------------


def test_another_experiment_is_another_script(view: CodeView, moment_of: Moments) -> None:
    view.show_moment(moment_of("update"))
    assert "lr=0.5" in listing_of(view).toPlainText()
    view.show_moment(moment_of("update", optimizer=Sgd(0.25, momentum=0.9)))
    assert "lr=0.25, momentum=0.9" in listing_of(view).toPlainText()
    assert len(listing_of(view).lit) == 1


def test_the_script_is_written_once_for_an_experiment(
    view: CodeView, moment_of: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def write(*of: Any) -> TrainingCode:
        written.append(of)
        return training_code(*of)

    monkeypatch.setattr(code_view, "training_code", write)
    moment = moment_of("forward")
    for beat in moment.beats:
        for live in (True, False):
            view.show_moment(Moment(moment.dataset, moment.trace, beat, 0, live))
    assert len(written) == 1


def test_an_equal_script_leaves_the_listing_as_it_is(view: CodeView, moment_of: Moments) -> None:
    view.show_moment(moment_of("cost"))
    revision = listing_of(view).document().revision()
    view.show_moment(moment_of("backward"))  # an experiment of its own, equal to the first
    assert listing_of(view).document().revision() == revision
    assert len(listing_of(view).lit) == 1


# Room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(280, 150), (280, 210), (350, 180), (900, 700)])
def test_lit_lines_are_in_sight_in_any_size(
    sized: Any, moment_of: Moments, width: int, height: int
) -> None:
    view = CodeView()
    sized(view, width, height)
    for beat in (*beats_of(2), *beats_of(2)):
        view.show_moment(moment_of(str(beat)))
        QApplication.processEvents()  # the scroll bars take their room
        listing = listing_of(view)
        assert set(listing.lit) <= set(listing.seen), beat


@pytest.mark.parametrize(("width", "height"), [(280, 230), (420, 210), (900, 700)])
def test_nothing_moves_where_the_loop_fits(
    sized: Any, moment_of: Moments, width: int, height: int
) -> None:
    view = CodeView()
    sized(view, width, height)
    places = set()
    for beat in (*beats_of(2), *beats_of(2)):
        view.show_moment(moment_of(str(beat)))
        QApplication.processEvents()
        listing = listing_of(view)
        assert set(code_of(view).loop) <= set(listing.seen)
        places.add((listing.verticalScrollBar().value(), listing.y(), listing.height()))
    assert len(places) == 1


def test_the_loop_comes_back_with_the_next_beat(view: CodeView, moment_of: Moments) -> None:
    view.show_moment(moment_of("cost"))
    bar = listing_of(view).verticalScrollBar()
    home = bar.value()
    bar.setValue(0)
    view.show_moment(moment_of("cost"))
    assert bar.value() == 0  # reading elsewhere is not disturbed
    view.show_moment(moment_of("update"))
    assert bar.value() == home


def test_narrow_lines_are_scrolled_and_not_wrapped(
    sized: Any, moment_of: Moments, texts: Any
) -> None:
    view = CodeView()
    sized(view, 280, 230)
    view.show_moment(moment_of("cost"))
    QApplication.processEvents()
    listing, code = listing_of(view), code_of(view)
    rows: dict[float, str] = {}
    for text in texts(listing.viewport()):
        rows[text.y] = rows.get(text.y, "") + text.words
    painted = [line.replace("\xa0", " ").strip() for _, line in sorted(rows.items())]
    for number in code.loop:
        assert code.lines[number].text.strip() in painted
    assert listing.viewport().height() % listing.fontMetrics().lineSpacing() == 0
    longest = max(len(code.lines[i].text) - 4 for i in code.loop)  # an indent is half as wide
    reach = listing.horizontalScrollBar().maximum() + listing.viewport().width()
    assert reach >= longest * listing.fontMetrics().horizontalAdvance("m")


@pytest.mark.parametrize(("width", "size"), [(270, 10), (280, 10), (420, 12)])
def test_the_code_of_the_loop_is_seen_whole(
    sized: Any, moment_of: Moments, width: int, size: int
) -> None:
    """Without scrolling, in letters no smaller than needed; comments may be beyond the edge."""
    view = CodeView()
    sized(view, width, 230)
    view.show_moment(moment_of("cost"))
    QApplication.processEvents()
    listing = listing_of(view)
    assert listing.font().pixelSize() == size
    assert listing.horizontalScrollBar().value() == 0
    for number in code_of(view).loop:
        block = listing.document().findBlockByNumber(number)
        cursor = QTextCursor(block)
        code = block.text().partition("  #")[0]
        cursor.setPosition(block.position() + len(code))
        assert listing.cursorRect(cursor).right() <= listing.viewport().width(), code


@pytest.mark.parametrize("width", [280, 420, 700])
def test_captions_fit_into_their_room(sized: Any, moment_of: Moments, width: int) -> None:
    view = CodeView()
    sized(view, width, 200)
    label = next(x for x in view.findChildren(QLabel) if x.objectName())
    for beat in beats_of(2):
        for parts in ({}, {"live": True}, {"l2": 0.1}):
            view.show_moment(moment_of(str(beat), **parts))
            assert label.heightForWidth(label.width()) <= label.height()
    assert label.height() <= 2 * label.fontMetrics().lineSpacing() + 2


def test_many_numbers_are_folded_and_counted(view: CodeView, moment_of: Moments) -> None:
    random = np.random.default_rng(1)
    rows = tuple(map(tuple, random.normal(size=(1000, 2)).tolist()))
    data = Inline(inputs=rows, targets=tuple(row[:1] for row in rows))
    experiment = Experiment(data=data, network=NetworkSpec((Layer(2, "tanh"), Layer(1, "linear"))))
    moment = moment_of("update")
    trace = replace(moment.trace, experiment=experiment)
    view.show_moment(Moment(load(experiment), trace, moment.beat, 0))
    listing, code = listing_of(view), code_of(view)
    shown = listing.toPlainText().splitlines()
    (note,) = [line for line in shown if "folded" in line]
    left_out = int("".join(c for c in note if c.isdigit()))
    assert len(shown) - 1 + left_out == len(code.lines)
    assert [shown[i] for i in listing.lit] == ["        optimizer.step()  # update"]
    assert len(ast.parse(code.source).body) > 5


# Keys, mouse, looks ---------------------------------------------------------------------------


class Keys(QWidget):
    """A window that notes the keys that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keys.append(event.key())


def test_keys_reach_the_window(qtbot: QtBot, moment_of: Moments) -> None:
    window = Keys()
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    qtbot.addWidget(window)
    view = CodeView(window)
    view.resize(420, 210)
    window.resize(420, 210)
    window.show()
    window.activateWindow()
    window.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window)
    view.show_moment(moment_of())
    qtbot.mouseClick(listing_of(view).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    qtbot.mouseClick(button_of(view), Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is window
    wanted = [Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape]
    for key in wanted:
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert window.keys == wanted


def test_words_can_be_selected_with_the_mouse(
    view: CodeView, moment_of: Moments, drag: Any
) -> None:
    view.show_moment(moment_of())
    listing = listing_of(view)
    drag(listing.viewport(), QPointF(7, 8), QPointF(200, 8))
    assert listing.textCursor().selectedText().startswith("for epoch in")


def test_the_control_key_and_the_wheel_leave_the_size(view: CodeView, moment_of: Moments) -> None:
    view.show_moment(moment_of())
    listing = listing_of(view)
    bar = listing.verticalScrollBar()
    before, size = bar.value(), listing.font().pixelSize()
    for modifier in (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier):
        event = QWheelEvent(
            QPointF(20, 20),
            QPointF(20, 20),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        listing.wheelEvent(event)
        assert listing.font().pixelSize() == size
        scrolled = modifier == Qt.KeyboardModifier.NoModifier
        assert (bar.value() < before) == scrolled


def test_words_have_the_colours_of_their_kind(
    view: CodeView, moment_of: Moments, theme: Theme, texts: Any
) -> None:
    view.set_theme(theme)
    view.show_moment(moment_of("update"))
    colours = token_colours(theme)
    painted = {t.words.replace("\xa0", " ").strip(): t.colour for t in texts(listing_of(view))}
    assert painted["for"] == colours["keyword"]
    assert painted["10"] == colours["number"]
    assert painted["# update"] == colours["comment"]
    assert painted["optimizer.step()"] == theme.text


def test_every_colour_reads_well_on_both_grounds(theme: Theme) -> None:
    for colour in (theme.text, *token_colours(theme).values()):
        for ground in (theme.canvas, lit_colour(theme)):
            light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5
