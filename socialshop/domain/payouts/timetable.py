"""What a brand settled about its runs, and the slots of its schedule that were taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import session
from .bank_models import PayoutSettings, PayoutSlot
from .rhythm import Kind, Rhythm

BEARERS = ("brand", "creator")


def settings_of(brand_id: int) -> PayoutSettings | None:
    """What the brand settled; None where it never did: runs by hand, the brand bears the fee."""
    return session().get(PayoutSettings, brand_id)


def rhythm_of(settings: PayoutSettings | None) -> Rhythm:
    """When runs are drawn up by themselves."""
    if settings is None:
        return Rhythm()
    kind: Kind = settings.kind  # type: ignore[assignment]  # the database holds nothing else
    return Rhythm(kind, settings.weekday, settings.day, settings.second, settings.hour)


def fee_bearer_of(brand_id: int) -> str:
    """Who bears the transfer fee of runs that begin now: brand, or creator."""
    settings = settings_of(brand_id)
    return "brand" if settings is None else settings.fee_bearer


def change_settings(brand_id: int, rhythm: Rhythm, fee_bearer: str, *, now: datetime) -> PayoutSettings:
    """Settle both anew. A changed rhythm counts from now: no slot before this instant is taken after it."""
    settings = session().get(PayoutSettings, brand_id, with_for_update=True, populate_existing=True)
    if settings is None:
        settings = PayoutSettings(brand_id=brand_id, since=now)
        session().add(settings)
    elif rhythm_of(settings) != rhythm:
        settings.since = now
    settings.kind, settings.weekday, settings.day = rhythm.kind, rhythm.weekday, rhythm.day
    settings.second, settings.hour, settings.fee_bearer = rhythm.second, rhythm.hour, fee_bearer
    session().flush()
    return settings


def scheduled() -> list[PayoutSettings]:
    """Every brand with a schedule."""
    query = select(PayoutSettings).where(PayoutSettings.kind != "none").order_by(PayoutSettings.brand_id)
    return list(session().scalars(query))


def taken_slots(brand_id: int, names: list[str]) -> set[str]:
    """Which of these slots were taken."""
    query = select(PayoutSlot.slot).where(PayoutSlot.brand_id == brand_id, PayoutSlot.slot.in_(names))
    return set(session().scalars(query))


def take_slot(brand_id: int, name: str, *, now: datetime) -> int | None:
    """Claim a slot; its row's id, or None where somebody has it. Of several at once exactly one gets it."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    values = {"brand_id": brand_id, "slot": name, "taken_at": now}
    insert = dialect.insert(PayoutSlot).values(**values).on_conflict_do_nothing(index_elements=["brand_id", "slot"])
    return session().execute(insert.returning(PayoutSlot.id)).scalar()


def note_run(slot_id: int, run_id: int) -> None:
    """The run that a slot led to."""
    session().execute(
        update(PayoutSlot).where(PayoutSlot.id == slot_id).values(run_id=run_id).execution_options(synchronize_session=False)
    )


def last_slots(brand_id: int, *, limit: int = 3) -> list[PayoutSlot]:
    """The newest slots that were taken."""
    query = select(PayoutSlot).where(PayoutSlot.brand_id == brand_id).order_by(PayoutSlot.slot.desc()).limit(limit)
    return list(session().scalars(query))
