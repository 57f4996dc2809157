"""Where a link leads whom: its rules, its split, its shops, its password; changed by its creator, looked after by a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..adapters.fetch import Fetcher, Unreadable
from ..domain import audit, links, people
from ..domain.audit import Actor
from ..kernel.database import end_reading, in_transaction, transaction
from ..kernel.errors import N_, Conflict, Invalid
from ..kernel.ways import MAIN, Decision, Guest, Plan, decide, read_plan

log = structlog.get_logger("ways")
AT_ONCE = 60  # addresses looked at in one run
LOOK_AGAIN = timedelta(hours=20)
_fetchers: list[Fetcher] = []


def set_up(fetcher: Fetcher) -> None:
    """Say how this process looks at addresses: never into our own network."""
    _fetchers[:] = [fetcher]


class ChangedMeanwhile(Conflict):
    """The list that somebody adds to is not the one that they saw."""

    code = "changed_meanwhile"
    message = N_(
        "This link was changed in the meantime, perhaps in another window. Nothing is stored yet; to store it, send it again."
    )


def put_rule(
    creator_id: int, link_id: str, given: Mapping[str, Any], *, word: str = "", seen: str | None = None, own_host: str,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """A rule more, or (with its word) another in its place. given: devices, countries, languages, days, hours, dates, url.

    seen: the revision of the rules that the person looked at; ChangedMeanwhile for another. What was sent twice is added once.
    """
    when, url = clean_rule(given, own_host=own_host)

    def change(document: links.routes.Document) -> None:
        if word or not links.routes.is_repeat(document, "rules", {"when": when, "url": url}):
            _refuse_unseen(document, "rules", seen)
            links.routes.with_rule(document, when, url, word=word)

    _change(creator_id, link_id, "link.rule_put", change, actor=actor, now=now)


def clean_rule(given: Mapping[str, Any], *, own_host: str) -> tuple[links.routes.Document, str]:
    """A rule's conditions and address as they are kept; Invalid tells of all that is wrong at once."""
    refusals: list[Invalid] = []
    when: links.routes.Document = {}
    url = ""
    try:
        when = links.routes.clean_when(given)
    except Invalid as refusal:
        refusals.append(refusal)
    try:
        url = links.clean_destination(str(given.get("url", "")), own_host=own_host)
    except Invalid as refusal:
        refusals.append(refusal)
    if refusals:
        raise Invalid(fields=[field for each in refusals for field in each.fields])
    return when, url


def remove_rule(creator_id: int, link_id: str, word: str, *, actor: Actor, now: datetime) -> None:
    """A rule less."""
    _change(creator_id, link_id, "link.rule_removed", lambda d: links.routes.without(d, "rules", word), actor=actor, now=now)


def move(creator_id: int, link_id: str, name: str, word: str, by: int, *, actor: Actor, now: datetime) -> None:
    """A rule or a shop (name: "rules", "stores") one place up (-1) or down (1)."""

    def change(document: links.routes.Document) -> None:
        links.routes.moved(document, name, word, by)

    _change(creator_id, link_id, "link.moved", change, actor=actor, now=now)


def split(
    creator_id: int, link_id: str, own_weight: str, arms: Sequence[tuple[str, str, str]], *, own_host: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Share taps by weight between the link's own address and others: (word, address, weight) as typed; blank ones are none."""

    def change(document: links.routes.Document) -> None:
        done, wrong = [], []
        for n, (word, url, weight) in enumerate(arms):
            if not url.strip():
                continue
            try:
                clean = links.clean_destination(url, own_host=own_host, field=f"url_{n}")
                done.append((word, clean, links.routes.clean_weight(weight, f"weight_{n}")))
            except Invalid as refusal:
                wrong.append(refusal)
        if wrong:
            raise Invalid(fields=[field for refusal in wrong for field in refusal.fields], most=links.routes.MOST_WEIGHT)
        if len({url for _word, url, _weight in done}) < len(done):
            raise Invalid(N_("The same address is there twice."), code="twice")
        own = [(MAIN, "", links.routes.clean_weight(own_weight, "own_weight"))] if done else []
        links.routes.with_split(document, [*own, *done])

    _change(creator_id, link_id, "link.split", change, actor=actor, now=now)


def put_store(
    creator_id: int, link_id: str, given: Mapping[str, str], *, word: str = "", seen: str | None = None, own_host: str,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """A shop more, or (with its word) another in its place. given: kind, url, label, parameter, value, text; seen: as above."""

    def change(document: links.routes.Document) -> None:
        store = links.routes.clean_store(given, own_host=own_host)
        if not store["parameter"]:
            store["parameter"] = links.routes.sub_id_of(store["kind"], store["url"])
        if word or not links.routes.is_repeat(document, "stores", store):
            _refuse_unseen(document, "stores", seen)
            links.routes.with_store(document, store, word=word)

    _change(creator_id, link_id, "link.shop_put", change, actor=actor, now=now)


def turn_store(creator_id: int, link_id: str, word: str, on: bool, *, actor: Actor, now: datetime) -> None:
    """Show a shop to visitors, or not for now. Safe to repeat."""

    def change(document: links.routes.Document) -> None:
        links.routes.turned(document, word, on)

    _change(creator_id, link_id, "link.shop_turned", change, actor=actor, now=now)


def remove_store(creator_id: int, link_id: str, word: str, *, actor: Actor, now: datetime) -> None:
    """A shop less."""
    _change(creator_id, link_id, "link.shop_removed", lambda d: links.routes.without(d, "stores", word), actor=actor, now=now)


def opens(link: links.TrackedLink, password: str) -> bool:
    """Whether this is the link's password. Slow on purpose."""
    stored = link.password_hash
    end_reading()
    return people.checked(password.strip(), stored)[0] if stored else True


def plan_of(link: links.TrackedLink) -> Plan | None:
    """What decides where a link leads, as the redirector reads it; None where it always leads to its own address."""
    creator = people.get_creator(link.creator_id)
    user = people.get_user(creator.user_id)
    return read_plan(link.routes, zone=user.timezone, dead=link.dead or ())


def try_out(link: links.TrackedLink, guest: Guest, moment: datetime) -> Decision:
    """Where a tap would lead, by the very function that the live redirect asks. A split is told as one; nobody is remembered."""
    plan = plan_of(link)
    if plan is None:
        return Decision(MAIN, "plain")
    return decide(plan, guest, moment.timestamp(), link_id=link.id, visitor="")


def code_of(link: links.TrackedLink) -> str:
    """The referral code that chats of this link begin with, "" where there is none."""
    found = links.live_code(link.creator_id, link.program_id) if link.program_id is not None else None
    return found.code if found is not None else ""


def check(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "links.check": look whether anything is still at the addresses of links that have several. Safe to repeat.

    Only what says 404 or 410 three times in a row counts as dead and is skipped from then on, until something is there
    again; who shuts robots out, is slow or away, is left as it was. Addresses inside networks are never gone to.
    """
    waiting = links.addresses_to_check(now - LOOK_AGAIN, AT_ONCE)
    end_reading()
    answers: dict[str, bool | None] = {}
    for link_id, word, url in waiting:
        if url not in answers:
            answers[url] = _is_there(url)
        with transaction():
            changed = links.note_found(link_id, word, url, answers[url], now=now)
        if changed:
            log.info("an address changed its state", link=link_id, word=word, there=answers[url])


def _is_there(url: str) -> bool | None:
    assert not in_transaction(), "no network while a transaction is open"
    try:
        _fetchers[0].page(url)
    except Unreadable as refusal:
        if refusal.code == "not_there":
            return False
        return True if refusal.code in ("wrong_kind", "too_large") else None
    return True


def _change(
    creator_id: int, link_id: str, act: str, change: Callable[[links.routes.Document], object], *, actor: Actor, now: datetime
) -> None:
    with transaction():
        link = links.hold(links.link_of(creator_id, link_id))
        before = links.routes.of(link.routes)
        after = links.routes.of(link.routes)
        change(after)
        if after != before:
            links.reroute(link, after)
            _note(act, link, actor, now, before=before, after=after)


def _refuse_unseen(document: links.routes.Document, name: str, seen: str | None) -> None:
    if seen is not None and seen != links.routes.revision(document, name):
        raise ChangedMeanwhile


def _note(act: str, link: links.TrackedLink, actor: Actor, now: datetime, **facts: Any) -> None:
    tenant = people.get_creator(link.creator_id).public_id
    audit.note(act, link.public_id, actor=actor, tenant=tenant, now=now, **facts)
