"""The operator's commands, run as processes: start and stop together, and clear sentences where something is in the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
import requests

from tests.running import ROOT, Install


@pytest.fixture
def instance(tmp_path):
    made = Install(tmp_path)
    yield made
    made.stop()


def up(instance, *words):
    with instance.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "socialshop", "up", *words],
            env=instance.environment(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def test_up_starts_both_and_ctrl_c_stops_both(instance):
    process = up(instance, "--no-demo")
    instance.await_answer("/readyz")
    parts = psutil.Process(process.pid).children(recursive=True)
    assert len(parts) >= 2
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(30) == 0
    assert not any(part.is_running() and part.status() != psutil.STATUS_ZOMBIE for part in parts)
    assert f"socialshop is at {instance.url}" in instance.log.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(instance.url + "/healthz", timeout=2)


def test_when_one_part_dies_the_other_is_stopped(instance):
    process = up(instance, "--no-demo")
    instance.await_answer("/readyz")
    os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
    process.wait(40)
    assert "stopping the other" in instance.log.read_text()


def test_parts_do_not_outlive_a_killed_supervisor(instance):
    process = up(instance, "--no-demo")
    instance.await_answer("/readyz")
    parts = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(part.is_running() for part in parts):
        time.sleep(0.2)
    assert not any(part.is_running() and part.status() != psutil.STATUS_ZOMBIE for part in parts)


def test_a_taken_port_is_said(instance):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", instance.port))
        taken.listen()
        done = instance.command("up", "--no-demo", check=False)
    assert done.returncode == 1
    assert f"127.0.0.1:{instance.port} cannot be used" in done.stderr
    assert "PORT=8001 make run" in done.stderr


def test_serve_asks_for_migrate_first(instance):
    done = instance.command("serve", check=False)
    assert done.returncode == 1
    assert "socialshop migrate" in done.stderr


def test_a_bad_setting_is_one_sentence(instance):
    instance.settings["SOCIALSHOP_ENV"] = "production"
    done = instance.command("verify", check=False)
    assert done.returncode == 1
    assert "SOCIALSHOP_ENV=test" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_operator(instance):
    instance.command("migrate")
    instance.settings["SOCIALSHOP_PASSWORD"] = "hujan di ujung kemarau"
    assert "is an operator" in instance.command("user", "operator", "ops@example.com").stdout
    assert "is an operator" in instance.command("user", "operator", "ops@example.com").stdout  # twice is once
    instance.settings["SOCIALSHOP_PASSWORD"] = "short"
    done = instance.command("user", "operator", "else@example.com", check=False)
    assert done.returncode == 1
    assert "15" in done.stderr


def test_verify_says_that_the_books_are_in_order(instance):
    instance.command("migrate")
    assert "in order" in instance.command("verify").stdout


def test_flask_shows_the_same_commands(instance):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "--help"],
        env=instance.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for command in ("serve", "worker", "up", "migrate", "demo", "verify", "replay", "redirect", "user"):
        assert f"\n  {command}" in done.stdout


def test_replay_does_not_import_the_web():
    code = "import sys; sys.argv = ['socialshop', 'replay', 'tests/scenarios/01-bases-and-rounding.json']\n"
    code += "from socialshop.__main__ import main\n"
    code += "try: main()\nexcept SystemExit as end: assert not end.code\n"
    code += "assert not {'flask', 'sqlalchemy'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
