"""`socialshop …`: the command line. `replay` and `redirect` are answered before anything of the web is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command of the line."""
    if sys.argv[1:2] == ["replay"]:
        from .replay_command import main as replay

        raise SystemExit(replay(sys.argv[2:]))
    if sys.argv[1:2] == ["redirect"]:
        from .redirector.serve import main as redirect

        raise SystemExit(redirect(sys.argv[2:]))
    from flask.cli import FlaskGroup

    from .app import create_app
    from .config import BadSetting

    try:
        FlaskGroup(
            create_app=create_app, add_default_commands=False, load_dotenv=False, help="socialshop, on your own machine."
        ).main(prog_name="socialshop")
    except BadSetting as problem:
        raise SystemExit(f"socialshop: {problem}") from None


if __name__ == "__main__":
    main()
