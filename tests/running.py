"""A real install for tests: web and worker as processes on this machine, their clock in a file."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent


@dataclass
class Install:
    """An instance folder with its own database, served at `url` once started."""

    folder: Path
    database_url: str = ""
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.clock("+0s")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def mails(self) -> Path:
        return self.folder / "instance" / "mail"

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SOCIALSHOP_", "FLASK_", "DATABASE_", "MAIL"))
        }
        return kept | {
            "SOCIALSHOP_ENV": "test",
            "SOCIALSHOP_INSTANCE": str(self.folder / "instance"),
            "SOCIALSHOP_CLOCK": f"file:{self.folder / 'clock'}",
            "DATABASE_URL": self.database_url,
            "PASSWORD_COST": "cheap",
            "RATELIMIT_ENABLED": "false",
            "FETCH_LOOPBACK": "true",
            "MAILER": "file",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            **self.settings,
        }

    def clock(self, setting: str) -> None:
        """Move this install's clock at once: "+15d", or an instant."""
        draft = self.folder / "clock.new"
        draft.write_text(setting)
        draft.replace(self.folder / "clock")

    def command(self, *words: str, check: bool = True, text_in: str = "") -> subprocess.CompletedProcess[str]:
        """Run `socialshop WORDS` to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "socialshop", *words], env=self.environment(), cwd=ROOT, capture_output=True, text=True,
            input=text_in, timeout=300, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self) -> Install:
        """Migrate, start both, wait until both answer."""
        self.command("migrate")
        self.start_web()
        self.start_worker()
        self.await_answer("/readyz")
        return self

    def start_web(self) -> None:
        self.web = self._spawn("serve")

    def start_worker(self) -> None:
        self.worker = self._spawn("worker")

    def _spawn(self, what: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "socialshop", what],
                env=self.environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, what: str) -> None:
        """kill -9 of `web` or `worker`, with all of its processes."""
        process = getattr(self, what)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self.web, self.worker):
            if process is not None:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def await_answer(self, path: str, *, seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        last = ""
        while time.monotonic() < deadline:
            try:
                answer = requests.get(self.url + path, timeout=5)
                if answer.status_code == 200:
                    return
                last = answer.text
            except requests.RequestException as error:
                last = str(error)
            time.sleep(0.1)
        raise AssertionError(f"{path} did not answer: {last}\n{self.log.read_text()[-4000:]}")

    def verify(self) -> None:
        """`socialshop verify` must find nothing."""
        done = self.command("verify", check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    """A port nobody listens on, below those the kernel lends to outgoing connections.

    A lent one could be taken, by a client that keeps calling, while a killed server is away; the server could then never come back.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 200):
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port between 20000 and 32000")
