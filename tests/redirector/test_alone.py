"""The redirector is one process: it answers, takes no second one with it, and ends when it is told to."""

from __future__ import annotations

import signal

import psutil
import pytest

from .test_killed import Server


@pytest.mark.slow
@pytest.mark.parametrize("clicks", ["process", "power"])
def test_one_process_answers_and_ends_by_a_signal(app, settings, world, clicks):
    world.link(world.creator("mia"), url="https://kopisenja.example/kopi", slug="kopi-bio")
    server = Server(settings, clicks=clicks)
    try:
        assert server.get("/l/kopi-bio")[0] == 302
        assert psutil.Process(server.process.pid).children() == []
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0
    finally:
        if server.process.poll() is None:
            server.kill()
