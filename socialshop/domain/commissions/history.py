"""What terms may ask about the program's earlier orders, answered from the tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ...kernel.database import session
from ..replay import read_event
from ..terms import FirstPayment, FxQuote, Share, newest_quote
from .models import Attribution, Commission, Credit, ProgramEvent


class StoredHistory:
    """A `terms.History` of one program. The order being judged is not stored yet, so all that is there came earlier."""

    def __init__(self, program_id: int) -> None:
        self.program_id = program_id

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """See `terms.History`."""
        first = session().scalar(
            select(Attribution)
            .where(
                Attribution.program_id == self.program_id,
                Attribution.subscription == subscription_id,
                Attribution.payment_number == 1,
            )
            .order_by(Attribution.effect)
            .limit(1)
        )
        if first is None or first.period_start is None:
            return None
        return FirstPayment(_shares(first.order_id), first.period_start)

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """See `terms.History`."""
        order_id = session().scalar(
            select(Attribution.order_id)
            .where(Attribution.program_id == self.program_id, Attribution.customer == customer_id)
            .where(select(Credit.id).where(Credit.order_id == Attribution.order_id).exists())
            .order_by(Attribution.effect)
            .limit(1)
        )
        return () if order_id is None else _shares(order_id)

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """See `terms.History`."""
        query = select(func.coalesce(func.sum(Credit.volume_minor), 0)).where(
            Credit.program_id == self.program_id, Credit.creator_id == int(creator_id), Credit.currency == currency
        )
        if start is not None:
            query = query.where(Credit.placed_at >= start)
        if end is not None:
            query = query.where(Credit.placed_at < end)
        return int(session().scalar(query) or 0)

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """See `terms.History`."""
        query = (
            select(func.count())
            .select_from(Commission)
            .join(Attribution, Attribution.order_id == Commission.order_id)
            .where(
                Attribution.program_id == self.program_id,
                Attribution.subscription == subscription_id,
                Commission.creator_id == int(creator_id),
                Commission.level == 0,
                Commission.amount_minor > 0,
            )
        )
        return int(session().scalar(query) or 0)

    def budget_used(self, currency: str) -> int:
        """See `terms.History`."""
        query = select(func.coalesce(func.sum(Commission.amount_minor), 0)).where(
            Commission.program_id == self.program_id, Commission.level == 0, Commission.currency == currency
        )
        return int(session().scalar(query) or 0)

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """See `terms.History`."""
        documents = session().scalars(
            select(ProgramEvent.document).where(
                ProgramEvent.program_id == self.program_id, ProgramEvent.type == "fx", ProgramEvent.at <= at
            )
        )
        quotes = [quote for document in documents if isinstance(quote := read_event(document), FxQuote)]
        return newest_quote(quotes, one, other, at)


def _shares(order_id: int) -> tuple[Share, ...]:
    rows = session().scalars(select(Credit).where(Credit.order_id == order_id).order_by(Credit.place, Credit.id))
    return tuple(Share(str(row.creator_id), row.via, row.percent, row.place) for row in rows)  # type: ignore[arg-type]
