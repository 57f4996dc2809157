"""`socialshop what-if PROGRAM TERMS.json [--orders FILE.csv]`: what would these terms have cost? Changes nothing.

PROGRAM is its public id (prg_…) or brand/program as in its address. Terms are a document of commission-engine.md, section 2,
as the editor exports it. Exit status 0, or 2 where something cannot be read (a sentence on standard error, no result).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import with_appcontext

from .domain import people, programs, terms, trials
from .flows import terms_files as written
from .flows import what_if as story
from .kernel import words
from .kernel.clock import utcnow
from .kernel.money import Money

SHOWN = 10  # creators and products in the table; --json has them all


@click.command("what-if")
@click.argument("program")
@click.argument("terms_file", metavar="TERMS.json")
@click.option("--orders", "orders_file", metavar="FILE.csv", help="Orders to try the terms on, instead of the program's own.")
@click.option(
    "--against",
    type=click.Choice(["promised", "current"]),
    help="Compare with what was promised for each order (the default), or with the terms in force now (for files).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@with_appcontext
def what_if(program: str, terms_file: str, orders_file: str | None, against: str | None, as_json: bool) -> None:
    """Try TERMS.json on the orders of PROGRAM: cost before and after, winners and losers. Changes nothing."""
    found = _program(program)
    try:
        document = written.imported(found, _read(terms_file))
        content = None if orders_file is None else _read(orders_file).decode()
        total = trials.check(content, story.reading_of(found)) if content is not None else story.count_orders(found.id)
    except terms.BadDocument as problem:
        _refuse(f"{terms_file}: {problem.sentence()}")
    except UnicodeDecodeError:
        _refuse(f"{orders_file}: is not UTF-8")
    except trials.BadFile as problem:
        lines = [f"{orders_file}:{each.row}: {each.column} {each.message.format(**each.facts)}" for each in problem.errors]
        _refuse("\n".join(lines + ([f"and {problem.more} more"] if problem.more else [])))
    side: Any = against or ("promised" if content is None else "current")
    asked = story.question(found.id, document, against=side, at=utcnow(), ever=content is not None)
    with click.progressbar(length=total, label="Orders", file=sys.stderr) as bar:
        summary = story.summed_up(asked, content, progress=lambda done: bar.update(done - bar.pos))
    result = story.named(found, summary.document())
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _table(result))


def _program(text: str) -> programs.Program:
    brand_slug, slash, slug = text.partition("/")
    if slash:
        brand = people.find_brand(brand_slug)
        own = programs.programs_of_brand(brand.id) if brand else []
        found = next((program for program in own if program.slug == slug), None)
    else:
        found = programs.find_by_public_id(text)
    if found is None:
        _refuse(f"{text}: there is no such program")
    return found


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        _refuse(f"{file}: cannot be read: {problem.strerror or problem}")


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)


def _table(result: dict[str, Any]) -> str:
    """The sums as text."""
    lines = []
    for currency, total in result["totals"].items():
        lines += [
            f"{total['orders']} orders in {currency}, goods {_money(total['goods'], currency)}",
            f"  cost {_change(total['before'], total['after'], currency)}",
            f"  orders that earn somebody something: {total['earning_before']} → {total['earning_after']}; "
            f"{total['different']} orders differ",
        ]
    for key, title in (("creators", "Creators"), ("products", "Products")):
        part = result[key]
        if part["rows"]:
            lines += ["", f"{title}: {part['more']} get more, {part['less']} less, {part['same']} the same"]
            lines += [
                f"  {name or '(no product)':<32.32} {orders:>7} orders  {_change(before, after, currency)}"
                for name, currency, orders, before, after in part["rows"][:SHOWN]
            ]
            if len(part["rows"]) > SHOWN:
                lines.append("  …")
    return "\n".join(lines) or "No orders."


def _change(before: int, after: int, currency: str) -> str:
    change = after - before
    sign = "+" if change > 0 else ""
    return f"{_money(before, currency)} → {_money(after, currency)} ({sign}{_money(change, currency)})"


def _money(minor: int, currency: str) -> str:
    return words.money(Money(minor, currency), "en")
