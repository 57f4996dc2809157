"""A brand whose payouts a provider sends: for tests of flows, doors and killed processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from socialshop import worker
from socialshop.adapters import payouts as providers
from socialshop.domain import sending
from socialshop.domain.audit import Actor
from socialshop.domain.sending import PayoutAccount
from socialshop.flows import send_account
from socialshop.kernel import clock, jobs
from socialshop.kernel.database import end_reading, session, transaction

from .doubles.xendit import XenditDouble

OWNER = Actor("user", "usr_owner", "brand:owner")


def connect(brand_id: int, double: XenditDouble, *, now: datetime) -> PayoutAccount:
    """The brand's account at the double, connected through the product's own flow; its messages come to `double.hook`."""
    providers.set_up(xendit_url=double.url)
    account = send_account.connect(brand_id, api_key=double.key, token=double.token, actor=OWNER, now=now)
    double.hook = f"/hooks/payouts/{account.public_id}"
    return account


def state_of(payout_id: int) -> str:
    """The sending's state."""
    row = sending.of_payout(payout_id)
    assert row is not None
    return row.state


def work(now: datetime, *, rounds: int = 10) -> None:
    """Do the payout jobs that are due at `now`, as the worker does, until none is."""
    clock.use(lambda: now)
    for _ in range(rounds):
        end_reading()
        due = set(jobs.due(now, limit=500))
        mine = select(jobs.Job.id).where(jobs.Job.id.in_(due), jobs.Job.name.startswith("payout")).order_by(jobs.Job.id)
        todo = list(session().scalars(mine))
        for job_id in todo:
            with transaction():
                claimed = jobs.claim(job_id, now=now)
            if claimed is not None:
                worker._do(claimed)
        if not todo:
            return


def listening(app: Flask) -> Callable[[str, bytes, Mapping[str, str]], int]:
    """Our own door for messages, reached from another thread, as a provider would: nothing of the test's context is there."""

    def send(path: str, body: bytes, headers: Mapping[str, str]) -> int:
        with ThreadPoolExecutor(1) as street:
            return street.submit(lambda: app.test_client().post(path, data=body, headers=dict(headers)).status_code).result()

    return send
