"""How long a rule with `recurring` lasts on a subscription."""

from __future__ import annotations

from datetime import datetime, tzinfo

from .document import Recurring
from .facts import OrderFacts
from .instants import plus_months


def lasts(recurring: Recurring, order: OrderFacts, payments: int, first_period_start: datetime | None, zone: tzinfo) -> bool:
    """Whether the rule still matches this order; orders without a subscription have no such limit.

    payments: direct commissions above 0 that the creator already has on the subscription. first_period_start: of the
    payment number 1 that arrived first, which may be this order itself. Months are counted by the period that is paid.
    """
    if order.subscription is None:
        return True
    if recurring.payments is not None and payments >= recurring.payments:
        return False
    if recurring.months is None or first_period_start is None:
        return True
    end = plus_months(first_period_start, recurring.months, zone)
    return end is None or order.subscription.period_start < end
