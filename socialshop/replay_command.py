"""The command `socialshop replay FILE [FILE ...] [--check]`: plain Python, no web stack, no database, no network.

Exit status: 0; 1 if --check found differences; 2 if a document could not be read (a sentence on standard error, no result).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .domain import replay

USAGE = "usage: socialshop replay FILE [FILE ...] [--check]"


def main(argv: Sequence[str]) -> int:
    """Run the command with the words that follow `socialshop replay`; the exit status."""
    if "-h" in argv or "--help" in argv:
        print(f"{USAGE}\n\n{__doc__}")
        return 0
    unknown = [word for word in argv if word.startswith("-") and word not in ("--check", "-")]
    files = [word for word in argv if word != "--check" and word not in unknown]
    if unknown or not files:
        print(f"{USAGE}\n{unknown[0] + ' is not known here' if unknown else 'no FILE was named'}", file=sys.stderr)
        return 2
    return max(_replay(file, check="--check" in argv) for file in files)


def _replay(file: str, *, check: bool) -> int:
    """Run one file ("-": standard input): print its result document on one line, or with `check` its differences."""
    try:
        scenario = replay.read_scenario(replay.read_json(_bytes_of(file)))
        result = replay.run_scenario(scenario)
    except replay.BadDocument as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{file}: cannot be read: {error.strerror or error}", file=sys.stderr)
        return 2
    if not check:
        print(json.dumps(result))
        return 0
    found = replay.differences(scenario.expect or {}, result)
    for difference in found:
        print(f"{file}: {difference}")
    return 1 if found else 0


def _bytes_of(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
