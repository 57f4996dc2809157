"""No float touches money (I-7): the rooms that count it have none, and divide only fractions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "socialshop"
ROOMS = (
    "domain/terms", "domain/attribution.py", "domain/replay", "domain/ledger", "domain/commissions", "domain/payouts",
    "domain/orders", "domain/trials", "domain/currencies", "domain/sending", "domain/catalog", "domain/programs", "flows",
    "kernel/money.py", "kernel/prices.py", "adapters/stores",
)  # fmt: skip
NO_MONEY = ("flows/nodes.py", "flows/publish_step.py")  # seconds that machines wait, lengths of films
EXACT = ("Fraction", "percentage(")  # what may be divided: a fraction stays one
EXACT_NAMES = {"domain/currencies/rules.py": ("first / second", "1 / second")}  # fractions by their signature


def floats(source: str, known: tuple[str, ...] = ()) -> Iterator[str]:
    """Every place where a float is written, made or comes out of a division."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not is_path(node):
            text = ast.unparse(node)
            if not any(word in text for word in EXACT) and text not in known:
                yield f"line {node.lineno}: {text}"


def is_path(node: ast.BinOp) -> bool:
    """A path is "divided" by the name of what lies in it."""
    return isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)


@pytest.mark.parametrize("room", ROOMS)
def test_money_is_never_a_float(room: str) -> None:
    found = [PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py"))
    assert found
    for path in found:
        if path.relative_to(PACKAGE).as_posix() in NO_MONEY:
            continue
        known = EXACT_NAMES.get(path.relative_to(PACKAGE).as_posix(), ())
        assert list(floats(path.read_text(), known)) == [], path


@pytest.mark.parametrize("source", ["price = 1.5", "float(minor)", "minor / 2"])
def test_a_float_would_be_seen(source: str) -> None:
    assert list(floats(source))
