from __future__ import annotations

import pytest

from explorer.core.typed_numbers import parse_number, parse_whole, pasted_table


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1e3", 1000),
        ("8.0", 8),
        ("1,000", 1000),
        ("10,000,000", 10_000_000),
        ("4.5", None),
        ("1,5", None),
        ("1,00", None),
        ("1000,000", None),
        ("1,000.5", None),
        ("x", None),
        ("", None),
    ],
)
def test_whole_numbers_are_parted_by_commas_in_thousands(text: str, value: int | None) -> None:
    assert parse_whole(text) == value


class TestParseNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("0.15", 0.15),
            ("-0.3", -0.3),
            ("−0.3", -0.3),
            ("+2", 2.0),
            ("1e-3", 0.001),
            ("1E+2", 100.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("0,15", 0.15),
            (" 7 ", 7.0),
            ("1/3", 1 / 3),
            ("-1 / 4", -0.25),
            ("0,5/2", 0.25),
        ],
    )
    def test_numbers(self, text: str, value: float) -> None:
        assert parse_number(text) == value

    @pytest.mark.parametrize(
        "text",
        ["", " ", "abc", "1/0", "1,234.5", "1.2.3", "--1", "1e999", "nan", "inf", "1/", "0x10",
         "1 2", "1/-2", "1_000"],
    )  # fmt: skip
    def test_what_is_none(self, text: str) -> None:
        assert parse_number(text) is None


class TestPastedTable:
    @pytest.mark.parametrize(
        ("text", "cells"),
        [
            ("0.15\t0.2\n0.25\t0.3\n", [["0.15", "0.2"], ["0.25", "0.3"]]),
            ("0,15\t0,2", [["0,15", "0,2"]]),
            ("0,15;0,2\r\n1;2", [["0,15", "0,2"], ["1", "2"]]),
            ("0.15, 0.2, 0.25", [["0.15", "0.2", "0.25"]]),
            ("1,2,3\n4,5,6", [["1", "2", "3"], ["4", "5", "6"]]),
            ("0.15 0.2\n0.25 0.3", [["0.15", "0.2"], ["0.25", "0.3"]]),
            ("0,15 0,2", [["0,15", "0,2"]]),
            ("0,15", [["0,15"]]),
            ("1/3", [["1/3"]]),
            ("[[0.15, 0.2], [0.25, 0.3]]", [["0.15", "0.2"], ["0.25", "0.3"]]),
            ("[[0.15 0.2 ]\n [0.25 0.3 ]]", [["0.15", "0.2"], ["0.25", "0.3"]]),
            ("{{1,2},{3,4}}", [["1", "2"], ["3", "4"]]),
            ("1\t\t3", [["1", "", "3"]]),
            ("", []),
        ],
    )
    def test_rows_of_cells(self, text: str, cells: list[list[str]]) -> None:
        assert pasted_table(text) == cells
