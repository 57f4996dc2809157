"""Where money goes: a creator's payee, and the accounts that a brand's buyers transfer to.

What was stated stays on record; a change states anew. Numbers are encrypted at rest; a payee's number is read only
through `reveal_payee`, which writes down who asked and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from .. import audit
from ..audit import Actor
from .banks import provider_problem, read_number
from .models import Payee, ReceivingAccount
from .rules import clean_name

HOLDER_LENGTH = 120


def state_payee(
    creator_id: int, *, kind: str, provider: str, number: str, holder: str, tenant: str, actor: Actor, now: datetime
) -> tuple[Payee, bool]:
    """State where a creator's money goes from now on; and whether that is new. The old statement stays on record.

    The same again changes nothing. Invalid names the fields; Conflict where two statements came at once.
    """
    number, holder = _checked(kind, provider, number, holder)
    before = session().scalar(_current(creator_id).with_for_update())
    stated = (kind, provider, number, holder)
    if before is not None and (before.kind, before.provider, before.number, before.holder) == stated:
        return before, False
    if before is not None:
        before.replaced_at = now
        session().flush()
    payee = Payee(
        creator_id=creator_id, kind=kind, provider=provider, number=number, number_end=number[-4:], holder=holder, stated_at=now
    )
    session().add(payee)
    try:
        session().flush()
    except IntegrityError as error:  # the one current payee of the other statement: the index is the last guard
        raise Conflict() from error
    audit.note(
        "payee.stated", payee.public_id, actor=actor, tenant=tenant, now=now,
        before={} if before is None else _told(before), after=_told(payee),
    )  # fmt: skip
    return payee, True


def payee_of(creator_id: int) -> Payee | None:
    """Where the creator's money goes now, if they ever said."""
    return session().scalar(_current(creator_id))


def payees_of(creator_ids: Iterable[int]) -> dict[int, Payee]:
    """The same for several creators; those without a payee are left out."""
    found = session().scalars(select(Payee).where(Payee.creator_id.in_(set(creator_ids)), Payee.replaced_at.is_(None)))
    return {payee.creator_id: payee for payee in found}


def payee_history(creator_id: int) -> list[Payee]:
    """All that the creator ever stated, newest first."""
    return list(session().scalars(select(Payee).where(Payee.creator_id == creator_id).order_by(Payee.id.desc())))


def reveal_payee(payee_id: int, *, actor: Actor, tenant: str, reason: str, now: datetime) -> str:
    """The whole number, for whoever must see it; each time is written down."""
    payee = session().get(Payee, payee_id)
    if payee is None:
        raise NotFound()
    audit.note("payee.revealed", payee.public_id, actor=actor, tenant=tenant, now=now, reason=reason)
    return payee.number


def state_account(
    brand_id: int, *, provider: str, number: str, holder: str, tenant: str, actor: Actor, now: datetime
) -> tuple[ReceivingAccount, bool]:
    """An account that this brand's buyers may transfer to from now on; and whether it is new."""
    number, holder = _checked("bank", provider, number, holder)
    for account in receiving_accounts_of(brand_id):
        if (account.provider, account.number) == (provider, number):
            return account, False
    account = ReceivingAccount(brand_id=brand_id, provider=provider, number=number, holder=holder, stated_at=now)
    session().add(account)
    session().flush()
    audit.note(
        "account.stated", account.public_id, actor=actor, tenant=tenant, now=now,
        after={"provider": provider, "number_end": number[-4:], "holder": holder},
    )  # fmt: skip
    return account, True


def retire_account(brand_id: int, public_id: str, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Show this account to no more buyers; it stays on record. NotFound for another brand's; False: retired already."""
    account = session().scalar(
        select(ReceivingAccount).where(ReceivingAccount.brand_id == brand_id, ReceivingAccount.public_id == public_id)
    )
    if account is None:
        raise NotFound()
    done = session().execute(
        update(ReceivingAccount)
        .where(ReceivingAccount.id == account.id, ReceivingAccount.retired_at.is_(None))
        .values(retired_at=now)
        .returning(ReceivingAccount.id)
    )
    if done.scalar() is None:
        return False
    audit.note("account.retired", public_id, actor=actor, tenant=tenant, now=now, before={"provider": account.provider})
    return True


def receiving_accounts_of(brand_id: int) -> list[ReceivingAccount]:
    """The accounts that a brand's buyers may transfer to now, in the order in which they were stated."""
    return list(
        session().scalars(
            select(ReceivingAccount)
            .where(ReceivingAccount.brand_id == brand_id, ReceivingAccount.retired_at.is_(None))
            .order_by(ReceivingAccount.id)
        )
    )


def retired_accounts_of(brand_id: int) -> list[ReceivingAccount]:
    """Those that were shown once and are not any more, newest first."""
    return list(
        session().scalars(
            select(ReceivingAccount)
            .where(ReceivingAccount.brand_id == brand_id, ReceivingAccount.retired_at.is_not(None))
            .order_by(ReceivingAccount.retired_at.desc(), ReceivingAccount.id.desc())
        )
    )


def _current(creator_id: int) -> Select[Payee]:
    return select(Payee).where(Payee.creator_id == creator_id, Payee.replaced_at.is_(None))


def _checked(kind: str, provider: str, number: str, holder: str) -> tuple[str, str]:
    wrong: list[FieldError] = []
    if kind not in ("bank", "ewallet"):
        wrong.append(FieldError("kind", "choose", N_("Please choose one.")))
    elif problem := provider_problem(kind, provider):
        wrong.append(problem)
    digits = read_number(kind, provider, number)
    if isinstance(digits, FieldError):
        wrong.append(digits)
    holder = clean_name(holder, HOLDER_LENGTH)
    if len(holder) < 2 or not any(c.isalpha() for c in holder):
        wrong.append(FieldError("holder", "missing", N_("Enter the holder's name as the bank or e-wallet knows it.")))
    if wrong or isinstance(digits, FieldError):
        raise Invalid(fields=wrong)
    return digits, holder


def _told(payee: Payee) -> dict[str, str]:
    """What the audit may know: never the number itself."""
    return {"kind": payee.kind, "provider": payee.provider, "number_end": payee.number_end, "holder": payee.holder}
