"""Where money goes is stated or changed, and whoever it concerns is told, in case it was somebody else."""

from __future__ import annotations

from datetime import datetime

from ..domain import people
from ..domain.audit import Actor
from ..kernel import faults
from ..kernel.database import transaction
from . import letters


def state_payee(
    creator_id: int, *, kind: str, provider: str, number: str, holder: str, actor: Actor, now: datetime
) -> people.Payee:
    """State where a creator's money goes; they are told by mail. The same again changes nothing and tells nobody.

    Unconfirmed where the creator's e-mail address is not; Invalid names the fields.
    """
    with transaction():
        creator = people.get_creator(creator_id)
        user = people.get_user(creator.user_id)
        people.must_be_confirmed(user)
        payee, fresh = people.state_payee(
            creator.id, kind=kind, provider=provider, number=number, holder=holder, tenant=creator.public_id, actor=actor, now=now
        )
        if fresh:
            letters.post(
                to=user.email, kind="payee_stated", locale=user.locale, zone=user.timezone,
                key=f"payee:{payee.public_id}", now=now,
                facts={"provider": people.provider_name(provider), "end": payee.number_end, "when": now},
            )  # fmt: skip
        faults.point("payee.before_commit")
        return payee


def reveal_own_payee(creator_id: int, *, actor: Actor, now: datetime) -> str:
    """The creator's own number in full; written down like every look at it. "" where none is stated."""
    with transaction():
        creator, payee = people.get_creator(creator_id), people.payee_of(creator_id)
        if payee is None:
            return ""
        return people.reveal_payee(payee.id, actor=actor, tenant=creator.public_id, reason="shown to its owner", now=now)


def state_account(
    brand_id: int, *, provider: str, number: str, holder: str, by: int, actor: Actor, now: datetime
) -> people.ReceivingAccount:
    """An account that buyers transfer to; the brand's owners and finance are told. Unconfirmed where `by`'s address is not."""
    with transaction():
        brand = people.get_brand(brand_id)
        people.must_be_confirmed(people.get_user(by))
        account, fresh = people.state_account(
            brand.id, provider=provider, number=number, holder=holder, tenant=brand.public_id, actor=actor, now=now
        )
        if fresh:
            _tell_brand("account_stated", brand, account, now)
        faults.point("payee.before_commit")
        return account


def retire_account(brand_id: int, account: str, *, actor: Actor, now: datetime) -> bool:
    """Show an account to no more buyers; the brand's owners and finance are told. False: retired already."""
    with transaction():
        brand = people.get_brand(brand_id)
        live = {found.public_id: found for found in people.receiving_accounts_of(brand.id)}
        done = people.retire_account(brand.id, account, tenant=brand.public_id, actor=actor, now=now)
        if done:
            _tell_brand("account_retired", brand, live[account], now)
        faults.point("payee.before_commit")
        return done


def _tell_brand(kind: str, brand: people.Brand, account: people.ReceivingAccount, now: datetime) -> None:
    for email, locale in people.brand_emails(brand.id, ("owner", "finance")):
        letters.post(
            to=email, kind=kind, locale=locale, zone=brand.timezone, key=f"{kind}:{account.public_id}:{email}", now=now,
            facts={
                "brand": brand.name, "slug": brand.slug, "provider": people.provider_name(account.provider),
                "end": account.number[-4:], "when": now,
            },
        )  # fmt: skip
