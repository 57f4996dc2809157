"""The operator's commands: serve, worker, up, migrate, demo, verify, user. `flask --app wsgi` shows the same."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from . import replay_command, supervise
from . import worker as working
from .doubles_command import doubles
from .kernel import garbage, schema
from .kernel.clock import utcnow
from .kernel.database import db
from .redirector import serve as redirector
from .web import bodies
from .what_if_command import what_if

user = AppGroup("user", help="People: the first operator is made here.")
nodes = AppGroup("nodes", help="The machines that note clicks on this database.")
WORKERS = click.option(
    "--workers", default=1, envvar="WEB_WORKERS", show_default=True, type=click.IntRange(1, 16), help="Processes that answer."
)


def register(app: Flask) -> None:
    """Hang the commands on the app."""
    for command in (serve, worker, up, migrate, demo, verify, recount, replay, redirect, what_if, doubles, user, nodes):
        app.cli.add_command(command)


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True)
@click.option("--port", default=8000, envvar="PORT", show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@WORKERS
@with_appcontext
def serve(host: str, port: int, threads: int, workers: int) -> None:
    """Answer web requests."""
    _demand_free(host, port)
    _demand_schema()
    app = _app()
    _warm_up(app)
    _serve(app, host, port, threads, workers)


@click.command()
@with_appcontext
def worker() -> None:
    """Do the jobs: mails, webhooks, expiries, the timetable."""
    _demand_schema()
    app = _app()
    db.session.remove()
    working.consume(app)


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to this version's tables."""
    try:
        done = schema.upgrade()
    except schema.TooNew as problem:
        raise click.ClickException(str(problem)) from None
    click.echo("The database is up to date." if not done else f"The database was brought to {done}.")


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True)
@click.option("--port", default=8000, envvar="PORT", show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo/--no-demo", "with_demo", default=True, help="Make the demo on first start.")
@WORKERS
@with_appcontext
def up(host: str, port: int, with_demo: bool, workers: int) -> None:
    """Web and worker together, until Ctrl-C: database, migrations and the demo included."""
    _demand_free(host, port)
    try:
        schema.upgrade()
    except schema.TooNew as problem:
        raise click.ClickException(str(problem)) from None
    app = _app()
    if with_demo:
        from . import demo as demonstration

        demonstration.make_once(app, say=click.echo)
    db.session.remove()
    db.engine.dispose()
    shown = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104  # only for showing
    click.echo(f"\n  socialshop is at {shown}   (Ctrl-C stops it)\n")
    if with_demo:
        click.echo(demonstration.LOGINS)
    _warm_up(app)
    supervise.instead([_start(lambda: working.consume(app)), _start(lambda: _serve(app, host, port, 8, workers))])


@click.command()
@click.option("--clicks", "many", type=click.IntRange(1), help="Also write so many made-up clicks of the last year, in bulk.")
@with_appcontext
def demo(many: int | None) -> None:
    """Make the demo: a brand, creators, a page, clicks, orders and a payout, through the product's own flows."""
    from . import demo as demonstration

    _demand_schema()
    if many:
        demonstration.make_many(_app(), many, say=click.echo)
        return
    if not demonstration.make_once(_app(), say=click.echo):
        click.echo("The demo is already there.")
    click.echo(demonstration.LOGINS)


@click.command()
@with_appcontext
def verify() -> None:
    """Check the books, read-only; exit status 1 with the offending rows where something is wrong."""
    from .flows import verify as verifying

    _demand_schema()
    findings = verifying.run(utcnow())
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{len(findings)} finding(s).", err=True)
        raise SystemExit(1)
    click.echo("The books are in order.")


@click.command()
@click.option("--mend", is_flag=True, help="Bring the numbers to what the clicks say.")
@with_appcontext
def recount(mend: bool) -> None:
    """Compare what is counted of clicks by day with the clicks; exit status 1 where a number is wrong and stays so."""
    from .flows import recount as recounting

    _demand_schema()
    if mend:
        click.echo(f"{recounting.mend()} number(s) brought to what the clicks say.")
        return
    wrong = 0
    for day, found in recounting.compare():
        for one in found:
            click.echo(f"{one.row}: says {one.kept}, but its clicks are {one.counted}")
        click.echo(f"{day}: {'in order' if not found else f'{len(found)} wrong'}")
        wrong += len(found)
    raise SystemExit(1 if wrong else 0)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="FILE [FILE ...] [--check]")
def replay(arguments: tuple[str, ...]) -> None:
    """Compute what scenario documents lead to; --check compares with what they expect."""
    raise SystemExit(replay_command.main(list(arguments)))


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--host HOST] [--port PORT]")
def redirect(arguments: tuple[str, ...]) -> None:
    """Answer tracked links, and nothing else."""
    raise SystemExit(redirector.main(list(arguments)))


@nodes.command("list")
@with_appcontext
def list_nodes() -> None:
    """Name, state, when last heard of and how much waits there."""
    from .domain import clicks

    _demand_schema()
    for node in clicks.nodes.nodes_by_name():
        click.echo(f"{node.name}  {node.state}  {node.seen_at:%Y-%m-%dT%H:%M:%SZ}  {node.waiting} bytes wait")


@nodes.command("forget")
@click.argument("name")
@with_appcontext
def forget_node(name: str) -> None:
    """Forget the machine NAME, which will not come back: orders say no more that they were judged without it."""
    from .domain import clicks
    from .kernel.database import transaction

    _demand_schema()
    with transaction():
        known = clicks.nodes.forget_node(name)
    if not known:
        raise click.ClickException(f"There is no machine {name}; `socialshop nodes list` shows them.")
    click.echo(f"{name} is forgotten. Should its worker run again, it is back.")


@user.command("operator")
@click.argument("email")
@with_appcontext
def make_operator(email: str) -> None:
    """Let EMAIL run this install; asks for a password where the person is new."""
    from .flows import people as stories
    from .kernel.errors import DomainError

    _demand_schema()
    try:
        if stories.is_known(email):
            stories.make_operator(email, now=utcnow())
        else:
            password = os.environ.get("SOCIALSHOP_PASSWORD") or click.prompt(
                "Password", hide_input=True, confirmation_prompt=True
            )
            stories.create_operator(email, password, now=utcnow())
    except DomainError as problem:
        details = "".join(f"\n  {field.message}" for field in getattr(problem, "fields", []))
        raise click.ClickException(problem.sentence() + details) from None
    click.echo(f"{email} is an operator of this install.")


# --- helpers ---------------------------------------------------------------------------------------


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def _demand_schema() -> None:
    try:
        schema.demand_current()
    except schema.SchemaProblem as problem:
        raise click.ClickException(str(problem)) from None


def _demand_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} cannot be used ({error.strerror}). "
                "Stop what is running there, or choose another port: PORT=8001 make run"
            ) from None


def _warm_up(app: Flask) -> None:
    """Load what every page needs once, before this process divides: sentences, templates, the shapes of the tables."""
    from sqlalchemy.orm import configure_mappers

    garbage.keep_together()
    configure_mappers()
    base_url = app.config["SETTINGS"].base_url
    asking = app.test_client()
    for language in ("id", "en"):
        for path in ("/", "/auth/sign-in", "/readyz", "/@-"):  # nobody is called -: the page that says so
            asking.get(f"{path}?lang={language}", base_url=base_url)
    db.session.remove()
    db.engine.dispose()


def _serve(app: Flask, host: str, port: int, threads: int, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
        def load_config(self) -> None:
            bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            chosen: dict[str, Any] = {
                "bind": bind, "threads": threads, "worker_class": "gthread", "loglevel": "warning", "graceful_timeout": 20,
                "control_socket_disable": True, "proc_name": "socialshop", "limit_request_line": 8190,
                "workers": workers, "pre_fork": lambda _server, _worker: garbage.share(),
            }  # fmt: skip
            for name, value in chosen.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            working.ring_on_commit(app)
            bodies.share(threads)
            return app

    Server().run()


def _start(part: Callable[[], None]) -> int:
    garbage.share()
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)  # Ctrl-C reaches the supervisor only, which then tells the parts
    _die_with_parent()
    try:
        part()
    except SystemExit as end:
        os._exit(int(end.code or 0) if isinstance(end.code, int | None) else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _die_with_parent() -> None:
    # Linux only: should the supervisor be killed outright, its parts get a SIGTERM (PR_SET_PDEATHSIG)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
