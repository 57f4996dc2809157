"""A scenario document run through the live flows on a real database, and read back as a result document.

What the live rooms offer goes through them (orders, clicks, refunds, payouts, returns); a fact that has no room yet
(disputes, quotes, subscriptions) goes through the same door of the engine's, `settle.take`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from socialshop.domain import clicks, commissions, connections, links, orders, payouts, people, programs
from socialshop.domain.audit import SYSTEM
from socialshop.domain.replay import Scenario, event_document, read_event, read_scenario
from socialshop.domain.terms import Click, OrderFacts, write_instant
from socialshop.flows import bank, payout, settle
from socialshop.kernel.database import session, transaction

STORE = {"provider": "shopify", "name": "Store"}
ALWAYS = datetime(1990, 1, 1, tzinfo=UTC)


class Stage:
    """One program on a real database, played by the events of a scenario."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.scenario: Scenario = read_scenario(document)
        self.document = document
        self.ids: dict[str, int] = {}  # the scenario's creator → ours
        self.names: dict[str, str] = {}  # our ids as text → the scenario's
        self.orders: dict[str, int] = {}
        self.links: dict[str, int] = {}
        self._events: dict[str, str] = {}  # our event ids → the scenario's
        self._raws: set[str] = set()
        self._beside: set[str] = set()  # orders of which the room does not know every refund
        self._empty: set[str] = set()  # payouts that found nothing due: live, they leave no run
        self._too_early: list[dict[str, Any]] = []  # failures of payouts that are not there yet: live, nobody can tell these
        self.clock: datetime | None = None  # what time it is when an event is told; else its own
        self._set_up()

    def play(self) -> dict[str, Any]:
        """Every event up to `now`, then the result."""
        for _, event in self.scenario.events:
            if event.at <= self.scenario.now:
                self.tell(event_document(event))
        payout.release_due({}, now=self.scenario.now)
        return self.result()

    # setting up

    def _set_up(self) -> None:
        with transaction() as db:
            owner = people.User(email="owner@scenario.test", password_hash="!", email_confirmed_at=ALWAYS, created_at=ALWAYS)
            db.add(owner)
            db.flush()
            brand = people.Brand(slug="scenario", name="Scenario", currency="USD", created_at=ALWAYS)
            db.add(brand)
            db.flush()
            self.brand_id = brand.id
            program = programs.Program(
                brand_id=brand.id,
                name="p",
                slug="p",
                joining="open",
                state="live",
                currency="USD",
                created_at=ALWAYS,
                changed_at=ALWAYS,
                timezone=self.scenario.program.timezone,
            )
            db.add(program)
            db.flush()
            self.program_id = program.id
            for n, creator in enumerate(self.scenario.creators.values(), start=1):
                self._creator(n, creator)
            for creator in self.scenario.creators.values():
                self._enroll(creator)
            self._versions()
            store = connections.Connection(**STORE, brand_id=brand.id, program_id=program.id, created_at=ALWAYS)
            db.add(store)
            db.flush()
            self.store_id = store.id

    def _creator(self, n: int, creator: Any) -> None:
        db = session()
        email = creator.email or f"creator-{n}@scenario.test"
        user = people.User(email=email, password_hash="!", created_at=ALWAYS)
        db.add(user)
        db.flush()
        row = people.Creator(
            user_id=user.id, handle=f"creator-{'abcdefghijk'[n % 11] * (n // 11 + 1)}", name=creator.id, created_at=ALWAYS
        )
        db.add(row)
        db.flush()
        self.ids[creator.id], self.names[str(row.id)] = row.id, creator.id
        link = links.TrackedLink(
            slug=f"slug-{row.handle[8:]}",
            creator_id=row.id,
            program_id=self.program_id,
            target_key="url:x",
            url="/",
            created_at=ALWAYS,
        )
        db.add(link)
        db.add(
            people.Payee(
                creator_id=row.id,
                kind="bank",
                provider="BCA",
                number="0123456789",
                number_end="6789",
                holder=creator.id,
                stated_at=ALWAYS,
            )
        )
        db.flush()
        self.links[creator.id] = link.id

    def _enroll(self, creator: Any) -> None:
        session().add(
            programs.Enrollment(
                program_id=self.program_id,
                creator_id=self.ids[creator.id],
                state="left" if creator.left_at else "enrolled",
                groups=list(creator.groups),
                applied_at=ALWAYS,
                enrolled_at=creator.enrolled_at or ALWAYS,
                ended_at=creator.left_at,
                recruited_by_id=creator.recruited_by and self.ids[creator.recruited_by],
            )
        )
        for code in creator.codes:
            session().add(
                links.ReferralCode(
                    code=code.casefold(), creator_id=self.ids[creator.id], program_id=self.program_id, created_at=ALWAYS
                )
            )
        session().flush()

    def _versions(self) -> None:
        program = self.document["program"]
        versions = program.get("versions") or [{"from": "1990-01-01T00:00:00Z", "terms": program["terms"]}]
        for number, version in enumerate(versions, start=1):
            at = datetime.fromisoformat(version["from"]).astimezone(UTC)
            session().add(
                programs.Version(
                    program_id=self.program_id,
                    number=number,
                    from_at=at,
                    terms=self._named(version["terms"]),
                    published_by="usr_t",
                    published_at=ALWAYS,
                )
            )

    def _named(self, terms: dict[str, Any]) -> dict[str, Any]:
        """The terms with our ids for the scenario's creators."""
        rules = []
        for rule in terms.get("rules", []):
            when = dict(rule.get("when", {}))
            if "creator" in when:
                named = when["creator"]
                mine = [str(self.ids[each]) for each in ([named] if isinstance(named, str) else named)]
                when["creator"] = mine
            rules.append({**rule, **({"when": when} if when else {})})
        return {**terms, "rules": rules} if rules else terms

    # telling

    def _now(self, at: datetime) -> datetime:
        return self.clock or at

    def tell(self, document: dict[str, Any]) -> None:
        """Let one event reach the live system, now being the event's own time."""
        event = read_event(document)
        kind, at = document["type"], event.at
        told = getattr(self, f"_tell_{kind}", None)
        unknown = kind == "refund" and (document["order"] not in self.orders or document["order"] in self._beside)
        if told is None or event.id in self._raws or unknown:
            self._raw(document)
        else:
            told(document, event, at)

    def _raw(self, document: dict[str, Any]) -> None:
        mine = {**document}
        self._raws.add(document["id"])
        if document["type"] == "refund":
            self._beside.add(document["order"])
        if "creator" in mine:
            mine["creator"] = str(self.ids[mine["creator"]])
        event = read_event(mine)
        with transaction():
            settle.take(settle.ground_of(self.program_id, event.at), event, now=self._now(event.at))

    def _tell_click(self, document: dict[str, Any], event: Click, at: datetime) -> None:
        with transaction() as db:
            if clicks.find(event.id) is None:
                db.add(
                    clicks.Click(
                        public_id=event.id,
                        link_id=self.links[event.creator],
                        creator_id=self.ids[event.creator],
                        program_id=self.program_id,
                        visitor=event.visitor or "",
                        at=at,
                        kind=event.kind,
                        reason="" if event.kind == "payable" else "told",
                        channel=event.channel or "",
                    )
                )

    def _tell_order(self, document: dict[str, Any], event: OrderFacts, at: datetime) -> None:
        with transaction() as db:
            if event.id not in self.orders:
                order = orders.Order(
                    public_id=event.id,
                    number=event.id,
                    brand_id=self.brand_id,
                    connection_id=self.store_id,
                    remote_id=event.id,
                    state="awaiting",
                    method="outside",
                    currency=event.currency,
                    discount_minor=event.discount,
                    shipping_minor=event.shipping,
                    tax_minor=event.tax,
                    total_minor=0,
                    buyer_email=event.customer.email or "",
                    visitor=event.visitor or "",
                    click_id=event.click or "",
                    code=event.code or "",
                    customer=event.customer.id or "",
                    customer_new=event.customer.new,
                    placed_at=at,
                )
                db.add(order)
                db.flush()
                self.orders[event.id] = order.id
                self._lines(order.id, event)
                orders.log(order.id, "placed", now=self._now(at), actor=SYSTEM)
                orders.mark_paid(order.id, now=self._now(at), actor=SYSTEM)
            order_id = self.orders[event.id]
            if event.subscription or event.channel or any(line.brand for line in event.lines):
                # the rooms do not know subscriptions, nor the channel or brand that a shop names for a line
                orders.set_program(order_id, self.program_id)
                ground = settle.ground_of(self.program_id, at)
                told = settle.facts_of(order_id)
                for click in clicks.of(self.program_id, event.visitor or "", event.click or ""):
                    settle.take(ground, settle._click(click), now=self._now(at))
                own = {key: getattr(event, key) for key in ("lines", "discount", "shipping", "tax", "channel", "subscription")}
                facts = replace(told, **own)  # also where it is told again after an edit
                settle.take(ground, facts, now=self._now(at), order_id=order_id)
            else:
                settle.arrive(order_id, now=self._now(at))

    def _lines(self, order_id: int, event: Any) -> None:
        for position, line in enumerate(event.lines):
            session().add(
                orders.OrderLine(
                    order_id=order_id,
                    key=line.id,
                    position=position,
                    product_ref=line.product or "",
                    title=line.id,
                    category=line.category or "",
                    price_minor=line.price,
                    quantity=line.quantity,
                    discount_minor=line.discount,
                )
            )
        session().flush()

    def _tell_refund(self, document: dict[str, Any], event: Any, at: datetime) -> None:
        order_id = self.orders[event.order]
        if event.lines is not None and len(dict(event.lines)) < len(event.lines):
            self._raw(document)  # a line named twice
            return
        try:
            with transaction():
                refund = orders.record_refund(
                    order_id,
                    key=event.id,
                    now=self._now(at),
                    at=at,
                    actor=SYSTEM,
                    full=event.full,
                    amount=event.amount,
                    lines=None if event.lines is None else dict(event.lines),
                )
                if refund is not None:
                    self._events[refund.public_id] = event.id
                    settle.give_back(refund.id, now=self._now(at))
        except (orders.RefundTooLarge, orders.NothingLeft, orders.UnknownLine):
            self._raw(document)  # the room refuses it; a store that says so all the same is cut by the engine

    def _tell_order_edit(self, document: dict[str, Any], event: Any, at: datetime) -> None:
        if event.order not in self.orders:
            self._raw(document)
            return
        order_id = self.orders[event.order]
        with transaction() as db:
            order = orders.get(order_id)
            for line in orders.lines_of(order_id):
                db.delete(line)
            db.flush()
            self._lines(order_id, event)
            orders.log(order_id, "edited", now=self._now(at), actor=SYSTEM)
            order.discount_minor, order.shipping_minor, order.tax_minor = event.discount, event.shipping, event.tax
            db.flush()
            self._events[f"{event.order}:edit:{event.id}"] = event.id
            if not any(line.brand for line in event.lines):
                settle.edited(order_id, event.id, now=self._now(at), at=at)
                return
        self._raw(document)

    def _tell_payout(self, document: dict[str, Any], event: Any, at: datetime) -> None:
        payout.release_due({}, now=self._now(at))
        try:
            run = payout.start(self.brand_id, event.id, actor=SYSTEM, now=self._now(at))
        except payout.NothingDue:
            self._empty.add(event.id)
        else:
            self._events[run.public_id] = event.id
            for each in payouts.of_run(run.id):
                if each.id % 2:  # the others stay in transit
                    bank.confirm(each.id, actor=SYSTEM, now=self._now(at))
        for early in [each for each in self._too_early if each["payout"] == event.id]:
            self._too_early.remove(early)
            self.tell(early)

    def _tell_payout_failed(self, document: dict[str, Any], event: Any, at: datetime) -> None:
        runs = [run for run in payouts.runs_of(self.brand_id) if self._events.get(run.public_id) == event.payout]
        if event.payout in self._empty:
            return
        if not runs:
            self._too_early.append(document)
            return
        for each in payouts.of_run(runs[0].id):
            if each.creator_id == self.ids[event.creator]:
                self._events.setdefault(f"{each.public_id}:returned", event.id)
                bank.return_(each.id, reason="came back", actor=SYSTEM, now=self._now(at))

    # reading back

    def result(self) -> dict[str, Any]:
        """The result document of section 7, read from the tables."""
        now = self.scenario.now
        rows = list(session().scalars(select(commissions.Commission).where(commissions.Commission.program_id == self.program_id)))
        publics = {order_id: name for name, order_id in self.orders.items()}
        return {
            "commissions": [self._commission(row, publics, now) for row in rows],
            "declined": [
                {
                    "order": publics[row.order_id],
                    "creator": row.creator_id and self.names[str(row.creator_id)],
                    "reason": row.reason,
                }
                for row in session().scalars(select(commissions.Declined))
            ],
            "postings": self._postings({row.id: row for row in rows}, publics),
            "payouts": self._payouts(),
            "balances": self._balances(now),
            "parked": [row.event_id for row in commissions.of_program(self.program_id) if row.effect is None]
            + list(dict.fromkeys(early["id"] for early in self._too_early)),
        }

    def _commission(self, row: commissions.Commission, publics: dict[int, str], now: datetime) -> dict[str, Any]:
        converted = {"currency": row.pay_currency, "amount": row.worth_minor, "rate": row.rate, "fx": row.fx_id}
        version = None if row.version_at in (None, ALWAYS) else write_instant(row.version_at)
        return {
            "order": publics[row.order_id],
            "creator": self.names[str(row.creator_id)],
            "level": row.level,
            "of": self.names[str(row.of_creator_id)] if row.of_creator_id else None,
            "via": row.via,
            "currency": row.currency,
            "original": row.original_minor,
            "amount": row.amount_minor,
            "payout": converted if row.rate else None,
            "no_rate": row.no_rate,
            "state": row.state_at(now),
            "due_at": write_instant(row.due_at),
            "version": version,
            "lines": row.lines,
        }

    def _postings(self, rows: dict[int, commissions.Commission], publics: dict[int, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        paid: dict[tuple[str, str, str, str], int] = defaultdict(int)
        sent = {each.public_id: each for run in payouts.runs_of(self.brand_id) for each in payouts.of_run(run.id)}
        runs = {run.id: self._events[run.public_id] for run in payouts.runs_of(self.brand_id)}
        for step in session().scalars(select(commissions.CommissionStep).order_by(commissions.CommissionStep.id)):
            row = rows[step.commission_id]
            creator = self.names[str(row.creator_id)]
            if step.kind in ("pay", "pay_failed"):
                event = runs[sent[step.event_id].run_id] if step.kind == "pay" else self._events[f"{step.event_id}:returned"]
                paid[event, creator, step.kind, row.pay_currency] += step.minor
            elif step.minor:
                found.append(
                    {
                        "event": self._events.get(step.event_id, step.event_id),
                        "order": publics[row.order_id],
                        "creator": creator,
                        "level": row.level,
                        "kind": step.kind,
                        "currency": row.pay_currency,
                        "amount": step.minor,
                        "reason": step.reason or None,
                    }
                )
        for (event, creator, kind, currency), amount in paid.items():
            found.append(
                {
                    "event": event,
                    "order": None,
                    "creator": creator,
                    "level": None,
                    "kind": kind,
                    "currency": currency,
                    "amount": amount,
                    "reason": None,
                }
            )
        return found

    def _payouts(self) -> list[dict[str, Any]]:
        return [
            {
                "payout": self._events[run.public_id],
                "creator": self.names[str(each.creator_id)],
                "currency": each.currency,
                "amount": each.amount_minor,
                "failed": each.state == "returned",
            }
            for run in payouts.runs_of(self.brand_id)
            for each in payouts.of_run(run.id)
        ]

    def _balances(self, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, creator_id in self.ids.items():
            summary = commissions.summary_of_creator(creator_id, now=now, program_id=self.program_id)
            for currency, mine in summary.items():
                found.setdefault(name, {})[currency] = {
                    "pending": mine.pending,
                    "held": mine.held,
                    "due": mine.due,
                    "owed_back": mine.owed_back,
                    "paid": mine.paid + mine.in_transit,
                }
        return found
