"""Which process this is, and random bytes, without asking the kernel each time. Standard library only: the redirector imports it.

A fork is noticed by the interpreter's own hook. What was drawn before one is thrown away in the child, so that no two
processes ever hand out the same bytes.
"""

from __future__ import annotations

import os

pid = os.getpid()  # read as `forks.pid`, never imported by name: it changes in a child
_AT_ONCE = 8192  # bytes
_EACH = 16
_drawn: list[bytes] = []


def chance() -> bytes:
    """Sixteen bytes from the system's generator (getrandom), handed out once. From any thread."""
    while True:
        try:
            return _drawn.pop()
        except IndexError:
            block = os.urandom(_AT_ONCE)
            _drawn.extend(block[start : start + _EACH] for start in range(0, _AT_ONCE, _EACH))


def _in_child() -> None:
    global pid
    pid = os.getpid()
    _drawn.clear()


os.register_at_fork(after_in_child=_in_child)
