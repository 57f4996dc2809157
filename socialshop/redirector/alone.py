"""granian without the second process that watches over the one that answers: it would take as much memory again.

Whoever started us starts us again. This puts granian's inner parts together: after an update of granian, look here first.
"""

from __future__ import annotations

from typing import Any

from granian.server import MPServer


class Alone(MPServer):
    """Its one worker is this process."""

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        self._init_shared_socket()  # type: ignore[no-untyped-call]  # granian is half typed
        self._start_ipc()  # type: ignore[no-untyped-call]
        worker = self._spawn_worker(idx=0, target=spawn_target, callback_loader=target_loader)
        worker.inner.run()
