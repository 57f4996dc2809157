"""`socialshop …`: the command line. `replay` and `redirect` are answered before anything of the web is imported."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command of the line."""
    if sys.argv[1:2] == ["replay"]:
        from .replay_command import main as replay

        raise SystemExit(replay(sys.argv[2:]))
    if sys.argv[1:2] == ["redirect"]:
        from .redirector.serve import main as redirect

        raise SystemExit(redirect(sys.argv[2:]))
    _take_address(sys.argv[1:])
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # structlog would load it where tools have brought it along
    from flask.cli import FlaskGroup

    from .app import create_app
    from .config import BadSetting

    try:
        FlaskGroup(
            create_app=create_app, add_default_commands=False, load_dotenv=False, help="socialshop, on your own machine."
        ).main(prog_name="socialshop")
    except BadSetting as problem:
        raise SystemExit(f"socialshop: {problem}") from None


def _take_address(arguments: list[str]) -> None:
    """An address given on the command line is also the one that links in letters begin with, where BASE_URL says nothing."""
    for before, option in zip(arguments, [*arguments[1:], ""], strict=True):
        for name in ("host", "port"):
            if before == f"--{name}":
                _set(name, option)
            elif before.startswith(f"--{name}="):
                _set(name, before.partition("=")[2])


def _set(name: str, value: str) -> None:
    if name == "host" or value.isdigit():  # else the command itself says what is wrong
        os.environ[name.upper()] = value


if __name__ == "__main__":
    main()
