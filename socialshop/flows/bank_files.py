"""The files of a run: what a map makes of its payouts, kept as they were made, downloaded, or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ..domain import audit, payouts, people
from ..domain.audit import Actor
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid, NotFound


class NothingForThisFile(Invalid):
    """A map that none of the run's open payouts fits."""

    code = "nothing_for_this_file"
    message = N_("No open payout of this run fits this file.")


class NotTheSameFile(Conflict):
    """The kept bytes are not those that were made."""

    code = "not_the_same_file"
    message = N_("This file is not what was made. Do not use it; ask the operator.")


class AnswerIsKnown(Conflict):
    """A file is to be taken back, but the bank has answered about it."""

    code = "answer_is_known"
    message = N_("Something about this file is known already, so it did go to the bank.")


@dataclass(frozen=True, slots=True)
class Choice:
    """A map as it is picked for a run. key: its public id, or the name of one to start from."""

    key: str
    name: str
    map: payouts.Map
    map_id: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a map would make of a run's open payouts."""

    sheets: Sequence[payouts.Sheet]
    left_out: Sequence[payouts.LeftOut]
    facts: payouts.Facts

    @property
    def rows(self) -> int:
        """How many payouts it pays."""
        return sum(len(sheet.transfers) for sheet in self.sheets)


def choices(brand_id: int) -> list[Choice]:
    """The maps that a brand can pick: its own, then those to start from that need no change."""
    own = [Choice(row.public_id, row.name, payouts.layout(row), row.id) for row in payouts.maps_of(brand_id)]
    return own + [Choice(key, each.name, each.map) for key, each in payouts.STARTERS.items() if each.sure]


def choice(brand_id: int, key: str) -> Choice:
    """The map with this key; NotFound for another brand's, or one that has to be adapted first."""
    if (starter := payouts.STARTERS.get(key)) is not None:
        if not starter.sure:
            raise NotFound()
        return Choice(key, starter.name, starter.map)
    row = payouts.map_of(brand_id, key)
    return Choice(key, row.name, payouts.layout(row), row.id)


def look(run: payouts.PayoutRun, map_: payouts.Map, *, now: datetime) -> Plan:
    """What the map would make of the run's ready payouts. Reads, never writes."""
    return _plan(run, map_, [payout for payout in payouts.of_run(run.id) if _is_free(payout)], now)


def make(run: payouts.PayoutRun, chosen: Choice, *, actor: Actor, now: datetime) -> list[payouts.BankFile]:
    """Write the files for every ready payout that the map fits; these count as sent from then on.

    NothingForThisFile; InAnotherFile where somebody else did the same a moment before.
    """
    faults.point("payout.before_send")
    with transaction():
        brand = people.get_brand(run.brand_id)
        ready = {payout.public_id: payout for payout in payouts.of_run(run.id) if _is_free(payout)}
        plan = _plan(run, chosen.map, list(ready.values()), now)
        if not plan.sheets:
            raise NothingForThisFile()
        made = [_keep(run, brand, sheet, plan.facts, chosen, ready, actor=actor, now=now) for sheet in plan.sheets]
        faults.point("payout.after_send_before_save")
        leaving = [ready[each.reference] for sheet in plan.sheets for each in sheet.transfers]
        fees = {payout.id: deducted(run, chosen.map, payout) for payout in leaving}
        if not payouts.send_out(fees, actor=_name(actor), now=now):
            raise payouts.InAnotherFile()  # somebody else sends one of them: nothing of this is written
        for file in made:
            audit.note(
                "bank_file.made", file.public_id, actor=actor, tenant=brand.public_id, now=now,
                after={"run": run.public_id, "map": chosen.name, "rows": file.rows, "sha256": file.digest},
            )  # fmt: skip
    return made


def download(run: payouts.PayoutRun, public_id: str, *, actor: Actor, now: datetime) -> tuple[str, bytes]:
    """The name and the bytes of a file, the same each time. Account numbers are revealed here, so each is audited."""
    with transaction():
        brand, file = people.get_brand(run.brand_id), payouts.file_of(run.id, public_id)
        content = payouts.bytes_of(file)
        if payouts.digest_of(content) != file.digest:
            raise NotTheSameFile()
        payouts.count_download(file)
        audit.note(
            "bank_file.downloaded", file.public_id, actor=actor, tenant=brand.public_id, now=now,
            after={"run": run.public_id, "rows": file.rows, "sha256": file.digest},
        )  # fmt: skip
        for _, payout in payouts.rows_of(file.id):
            audit.note(
                "payee.revealed", payout.public_id, actor=actor, tenant=brand.public_id, now=now,
                after={"in": "bank file", "run": run.public_id, "ending": people.ending(payout.payee_number)},
            )  # fmt: skip
    return file.name, content


def discard(run: payouts.PayoutRun, public_id: str, *, reason: str, actor: Actor, now: datetime) -> bool:
    """The file never went to the bank: its payouts are ready again. False: it was taken back before.

    AnswerIsKnown: one of its payouts has gone further.
    """
    if not reason.strip():
        raise Invalid(fields=[FieldError("reason", "required", N_("Please say why."))])
    with transaction():
        brand, file = people.get_brand(run.brand_id), payouts.file_of(run.id, public_id)
        if not payouts.discard_file(file, reason.strip(), now=now):
            return False
        for _, payout in payouts.rows_of(file.id):
            if payout.state != "sent" or payout.via is not None:
                raise AnswerIsKnown()
            payouts.move(payout.id, "ready", actor=_name(actor), now=now, reason=reason.strip())
            payout.fee_minor = 0
        audit.note(
            "bank_file.discarded", file.public_id, actor=actor, tenant=brand.public_id, now=now,
            before={"rows": file.rows, "downloads": file.downloads}, reason=reason.strip(),
        )  # fmt: skip
    return True


def whole(run: payouts.PayoutRun, *, actor: Actor, now: datetime) -> str:
    """The run's payouts as neutral CSV: made where something is ready, downloaded in any case."""
    if look(run, payouts.NEUTRAL, now=now).sheets:
        make(run, choice(run.brand_id, "neutral"), actor=actor, now=now)
    kept = [file.public_id for file in payouts.files_of(run.id) if file.discarded_at is None]
    return "".join(download(run, each, actor=actor, now=now)[1].decode("utf-8-sig") for each in kept)


def deducted(run: payouts.PayoutRun, map_: payouts.Map, payout: payouts.Payout) -> int:
    """The fee that comes off what is sent: where the creator bears it, and something is left after it."""
    bears = run.fee_bearer == "creator" and payout.currency == map_.currency and payout.amount_minor > map_.fee
    return map_.fee if bears else 0


def sample(map_: payouts.Map, run: payouts.PayoutRun | None, brand: people.Brand, *, now: datetime) -> Plan:
    """What the map makes of a run's rows, whatever became of them, numbers masked; of two made-up rows without a run."""
    rows = payouts.of_run(run.id)[:200] if run is not None else []
    if run is not None and rows:
        transfers = [
            _masked(transfer) for transfer in _transfers([(row, row.amount_minor - deducted(run, map_, row)) for row in rows])
        ]
        facts = payouts.Facts(now.astimezone(ZoneInfo(brand.timezone)).date(), run.public_id)
    else:
        transfers = _made_up(map_)
        facts = payouts.Facts(now.astimezone(ZoneInfo(brand.timezone)).date(), "run_7hK2mQ9vXw4tRb3c")
    return Plan(*payouts.lay_out(map_, transfers, facts), facts)


def _plan(run: payouts.PayoutRun, map_: payouts.Map, rows: Sequence[payouts.Payout], now: datetime) -> Plan:
    zone = ZoneInfo(people.get_brand(run.brand_id).timezone)
    facts = payouts.Facts(now.astimezone(zone).date(), run.public_id)
    transfers = _transfers([(row, row.amount_minor - deducted(run, map_, row)) for row in rows])
    return Plan(*payouts.lay_out(map_, transfers, facts), facts)


def _transfers(rows: Sequence[tuple[payouts.Payout, int]]) -> list[payouts.Transfer]:
    creators = people.creators_by_id({row.creator_id for row, _ in rows})
    users = people.users_by_id({creator.user_id for creator in creators.values()})
    found = []
    for row, sent in rows:
        creator, bank = creators[row.creator_id], people.BANKS.get(row.payee_provider)
        found.append(
            payouts.Transfer(
                reference=row.public_id, kind=row.payee_kind, bank_code=row.payee_provider, account_number=row.payee_number,
                account_name=row.payee_holder, amount=sent, currency=row.currency, email=users[creator.user_id].email,
                bank_name=people.provider_name(row.payee_provider), clearing_code=bank.clearing if bank else "",
                creator_name=creator.name, handle=creator.handle,
            )
        )  # fmt: skip
    return found


def _keep(
    run: payouts.PayoutRun,
    brand: people.Brand,
    sheet: payouts.Sheet,
    facts: payouts.Facts,
    chosen: Choice,
    ready: dict[str, payouts.Payout],
    *,
    actor: Actor,
    now: datetime,
) -> payouts.BankFile:
    number = len(payouts.files_of(run.id)) + 1
    ending = "txt" if chosen.map.separator == "tab" else "csv"
    file = payouts.NewFile(
        name=f"payout-{brand.slug}-{facts.day:%Y%m%d}-{run.public_id[-6:]}-{number}.{ending}",
        content=payouts.write(chosen.map, sheet, facts),
        rows=[(ready[each.reference].id, each.amount) for each in sheet.transfers],
        currency=sheet.currencies[0] if len(sheet.currencies) == 1 else "", part=sheet.part, parts=sheet.parts,
        fee=chosen.map.fee,
    )  # fmt: skip
    return payouts.keep_file(run.id, file, map_id=chosen.map_id, map_name=chosen.name, by=_name(actor), now=now)


def _is_free(payout: payouts.Payout) -> bool:
    return payout.state == "ready" and payout.via is None


def _masked(transfer: payouts.Transfer) -> payouts.Transfer:
    number = transfer.account_number
    hidden = "0" * max(len(number) - 4, 0) + number[-4:] if number.isdigit() else f"{number[:1]}...{people.ending(number)}"
    return replace(transfer, account_number=hidden)


def _made_up(map_: payouts.Map) -> list[payouts.Transfer]:
    """Two transfers that the map can pay, for looking at it before there is a run."""
    currency = map_.currency or "IDR"
    bank = map_.banks[0] if map_.banks else "MANDIRI" if "BCA" in map_.not_banks else "BCA"
    kind, code, number = {
        "bank": ("bank", bank, "0123456789"),
        "ewallet": ("ewallet", "GOPAY", "081234567890"),
        "paypal": ("ewallet", "PAYPAL", "rani@example.com"),
    }[map_.payees[0]]
    known = people.BANKS.get(code)
    return [
        payouts.Transfer(
            reference=f"pay_7hK2mQ9vXw4tRb3{n}", kind=kind, bank_code=code, account_number=number, account_name=name,
            amount=amount, currency=currency, email=f"{handle}@example.com", bank_name=people.provider_name(code),
            clearing_code=known.clearing if known else "", creator_name=name, handle=handle,
        )
        for n, (name, handle, amount) in enumerate((("Rani Puspita", "rani", 1_250_000), ("Bima Arya", "bima", 87_500)), start=2)
    ]  # fmt: skip


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
