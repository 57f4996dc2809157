"""Why an event waits, is left alone, or needs a person: codes and the sentences for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...kernel.errors import N_

SENTENCES: dict[str, str] = {
    # a document that does not add up
    "lines_differ": N_("The lines add up to {lines}, but the store states {stated} for all lines before discounts."),
    "subtotal_differs": N_("After discounts the lines come to {lines}, but the store states a subtotal of {stated}."),
    "total_differs": N_("Goods, shipping and tax add up to {sum}, but the store states a total of {stated}."),
    "discount_differs": N_("The lines carry discounts of {lines}, but the store states {stated}."),
    "code_not_allocated": N_("Code {code} took {amount} off, but no line says where."),
    "discount_over_price": N_("The discount on {line} is {discount}, more than its price of {gross}."),
    "not_paid": N_("The store does not say that it is paid: its state is “{status}”."),
    "no_lines": N_("The document names no goods."),
    "no_date": N_("The document does not say when the order was placed."),
    "same_line_twice": N_("Two lines have the same number, {line}."),
    "amount_missing": N_("The amount {field} is missing."),
    "amount_unreadable": N_("The amount {field} can’t be read: “{text}”."),
    "quantity_unreadable": N_("The quantity {field} can’t be read: “{text}”."),
    "changed_after_review": N_("The store changed this order after you had set it. Look again which figures are right."),
    # waiting
    "waits_for_order": N_("Waits for order {order}, which the store has not told us yet."),
    "waits_for_review": N_("Waits until order {order} is decided in review."),
    "waits_for_payment": N_("Waits until order {order} is paid."),
    "in_review": N_("Does not add up. Someone has to look at it."),
    # left alone
    "unknown_topic": N_("We don’t use messages of this kind."),
    "test_order": N_("A test order: it never counts."),
    "draft": N_("A draft in the store: not an order yet."),
    "deleted_in_store": N_("Deleted in the store. What was booked here stays."),
    "told_before": N_("The store had told us this before."),
    "dismissed": N_("Dismissed in review: {reason}"),
    # done
    "awaiting": N_("Kept. Not paid yet, so nobody earns from it yet."),
    "paid": N_("Booked."),
    "earned": N_("Booked. A creator earns from it."),
    "earned_nothing": N_("Booked. Nobody earns from it: {reason}"),
    "unchanged": N_("Nothing new in it."),
    "edited": N_("The order’s lines were changed."),
    "cancelled": N_("The order was cancelled."),
    "refund_booked": N_("Refund booked: {amount} of the goods."),
    "refund_from_quantity": N_(
        "Refund booked: {amount} of the goods. The store named only pieces; they count at what the buyer paid for each."
    ),
    "refund_from_amount": N_(
        "Refund booked: {amount} of the goods. The store named only one sum; it counts for the goods first, without their tax."
    ),
    "refund_nothing_left": N_("This refund changes nothing: everything had been given back before."),
    "resolved": N_("Decided in review."),
    # unusable
    "not_json": N_("The content is not valid JSON."),
    "not_utf8": N_("The content is not valid UTF-8 text."),
    "not_an_object": N_("The content is not an object."),
    "not_a_number": N_("The content has a number that is none: {text}."),
    "duplicate_key": N_("The content names a field twice."),
    "too_deep": N_("The content is nested too deeply."),
    "nul_character": N_("The content has a NUL character."),
    "no_order_id": N_("The content names no order."),
    "unknown_currency": N_("Currency “{currency}” is not kept here."),
    "refund_line_unknown": N_("The refund is about line {line}, which order {order} does not have."),
    "refused": N_("It could not be booked: {text}"),
}

EARNED_NOTHING: dict[str, str] = {
    "no_program": N_("no program of yours applies to it."),
    "no_terms": N_("it is older than the program’s terms."),
    "no_touch": N_("it names no creator, neither by click nor by code."),
    "window_expired": N_("the click is too old, or later than the order."),
    "not_payable": N_("the click was not a payable one."),
    "not_enrolled": N_("the creator was not in the program then."),
    "unknown_code": N_("the code is not one of a creator."),
    "code_not_involved": N_("the program’s terms don’t count the code here."),
    "self_referral": N_("the creator is the buyer."),
    "below_minimum": N_("it is below the program’s minimum."),
    "excluded": N_("all its goods are excluded."),
    "no_rule": N_("no rule of the program matches its goods."),
    "limit_reached": N_("the limit of a recurring commission is reached."),
    "budget_exhausted": N_("the program’s budget is used up."),
}


def reason(code: str, **facts: Any) -> dict[str, Any]:
    """A reason as it is stored."""
    return {"code": code, "facts": facts}


def template_of(why: Mapping[str, Any]) -> str:
    """The English sentence with `{names}` for a stored reason; "" for none."""
    return SENTENCES.get(str(why.get("code", "")), "")
