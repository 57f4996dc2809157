"""Wakes the worker at once: huey carries a job's id, the row in `jobs` carries everything else.

A lost ring costs a minute at most, since the worker sweeps. Messages live in a file (or Redis) of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from .kernel.imports import without

with without("psycopg"):  # huey loads it wherever it is, and we never let it
    from huey import RedisHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer

from .kernel import jobs
from .kernel.clock import utcnow

log = structlog.get_logger("bell")


class Bell:
    """The one task there is: `ring(job_id)`. `run` and `sweep` do the work, in the worker only."""

    def __init__(
        self,
        instance: Path,
        secret: str,
        redis_url: str = "",
        *,
        run: Callable[[int], object] | None = None,
        sweep: Callable[[], object] | None = None,
    ) -> None:
        serializer = SignedSerializer(secret=secret, salt="socialshop bell")  # huey's messages are pickles
        if redis_url.startswith("redis"):
            self.huey = RedisHuey("socialshop", url=redis_url, serializer=serializer, results=False)
        else:
            self.huey = SqliteHuey("socialshop", filename=str(instance / "bell.sqlite3"), serializer=serializer, results=False)

        def ring(job_id: int) -> None:
            # the watchdog: should this process die with the job, the ring comes again when its lease has run out
            self._task.schedule(args=(job_id,), delay=jobs.LEASE.total_seconds() + 1)
            if run is not None:
                run(job_id)

        self._consumer: Any = None
        self._task: Any = self.huey.task(name="ring")(ring)
        if sweep is not None:
            self.huey.periodic_task(crontab(minute="*"), name="sweep")(sweep)

    def ring(self, job_id: int, run_at: datetime) -> None:
        """Wake the worker for a job; a failing store is logged and left to the sweep."""
        wait = (run_at - utcnow()).total_seconds()
        try:
            if wait <= 0:
                self._task(job_id)
            else:
                self._task.schedule(args=(job_id,), delay=wait)
        except Exception as error:  # the row is safe; the sweep will find it
            log.warning("bell failed", job=job_id, error=type(error).__name__)

    def listen(self) -> None:
        """Work until SIGTERM; running jobs are finished first."""
        facts: dict[str, Any] = {"workers": 2, "worker_type": "thread", "initial_delay": 0.1, "max_delay": 0.5}
        self._consumer = self.huey.create_consumer(**facts, graceful_signal="TERM")
        self._consumer.run()

    def ending(self) -> bool:
        """Whether a signal has come: what runs is finished, and nothing else begun."""
        return self._consumer is not None and bool(self._consumer.stop_flag.is_set())
