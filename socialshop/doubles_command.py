"""`socialshop doubles`: the outside world on this machine, for trying things by hand."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

MISSING = (
    "The doubles are part of the source, not of the installed package. "
    "Get the source (git clone), and run this there: make run once, then .venv/bin/socialshop doubles"
)


@click.command()
@click.option(
    "--port",
    default=8100,
    show_default=True,
    type=click.IntRange(1, 65000),
    help="Of the desk; Xendit, Instagram and TikTok have the next ones.",
)
@click.option("--shop", default="http://127.0.0.1:8000", show_default=True, help="Where socialshop runs: messages go there.")
def doubles(port: int, shop: str) -> None:
    """Xendit, Instagram, TikTok, stores and a product page here, with a desk to play them from. Nothing leaves loopback."""
    root = Path(__file__).parent.parent
    if not (root / "tests" / "doubles" / "desk.py").is_file():
        raise click.ClickException(MISSING)
    sys.path.insert(0, str(root))
    try:
        desk = import_module("tests.doubles.desk").Desk(port=port, shop=shop)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} or one of the three after it cannot be used ({error.strerror}). Choose another: --port 8200"
        ) from None
    with desk:
        click.echo(desk.told())
        desk.wait()
