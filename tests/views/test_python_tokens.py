from __future__ import annotations

import pytest

from explorer.views.python_tokens import coloured


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("x = y", []),
        (
            "    for x in range(10):  # deal",
            [("for", "keyword"), ("in", "keyword"), ("10", "number"), ("# deal", "comment")],
        ),
        ('def cost():  # "no string"', [("def", "keyword"), ('# "no string"', "comment")]),
        ('    """The cost."""', [('"""The cost."""', "string")]),
        ("        1e-05, -0.25],", [("1e-05", "number"), ("0.25", "number")]),
        ("model = nn.Sequential(", []),
        (").double()", []),
        ("    },", []),
        ("x = torch.tensor([[1.5", [("1.5", "number")]),
        ("former = informed", []),
    ],
)
def test_each_part_of_a_line(line: str, expected: list[tuple[str, str]]) -> None:
    found = [(line[start : start + length], kind) for start, length, kind in coloured(line)]
    assert found == expected


def test_the_words_of_an_f_string_are_a_string() -> None:
    line = '    print(f"epoch {epoch}: done")'
    of_string = "".join(
        line[start : start + length] for start, length, kind in coloured(line) if kind == "string"
    )
    assert of_string.startswith('f"epoch ')
    assert of_string.endswith(': done"')
