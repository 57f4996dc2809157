"""Xendit payouts, API v2: https://docs.xendit.co (Payouts, Payout Webhook, Payout Status Lifecycle, Payouts errors).

Rupiah goes over the wire as whole rupiah, which is our minor unit. Every other currency is refused here: the places
that Xendit writes for it are not settled. Xendit signs nothing: its messages carry the account's token in a header.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ...kernel.money import Money
from . import Blame, Channel, Heard, Instruction, NotSent, OutcomeUnknown, PayoutRefused, Silent, Standing, Told, Unusable
from .wire import Answer, NoAnswer, NoConnection, ask, read

KEY = re.compile(r"xnd_(?:development|production)_[\x21-\x7e]{8,200}\Z")
STANDINGS: dict[str, Standing] = {
    "ACCEPTED": "underway", "REQUESTED": "underway", "PENDING_COMPLIANCE_ASSESSMENT": "underway", "SUCCEEDED": "paid",
    "FAILED": "failed", "COMPLIANCE_REJECTED": "failed", "CANCELLED": "cancelled", "REVERSED": "reversed",
}  # fmt: skip
# whose matter a refusal is; what is not listed is a matter of the request
BLAMES: dict[str, Blame] = {
    "RECIPIENT_ACCOUNT_NUMBER_ERROR": "recipient",
    "INVALID_API_KEY": "account", "REQUEST_FORBIDDEN_ERROR": "account", "INSUFFICIENT_BALANCE": "account",
}  # fmt: skip
_ALREADY = ("DUPLICATE_ERROR", "DUPLICATE_TRANSACTION_ERROR", "DUPLICATE_PAYOUT_ERROR")
_KINDS = {"BANK": "bank", "EWALLET": "ewallet", "E-WALLET": "ewallet"}
_WORD = re.compile(r"[A-Z][A-Z0-9_]{1,59}\Z")
_WHOLE_RUPIAH = "IDR"


@dataclass(frozen=True, slots=True)
class Xendit:
    """One Xendit account, by its secret key."""

    api_key: str = field(repr=False)
    base_url: str

    def create(self, instruction: Instruction) -> Told:
        """POST /v2/payouts. The synchronous reply is always ACCEPTED."""
        if instruction.amount.currency != _WHOLE_RUPIAH:
            raise PayoutRefused("CURRENCY_NOT_SUPPORTED", "request")
        document = {
            "reference_id": instruction.reference,
            "channel_code": instruction.channel,
            "channel_properties": {"account_number": instruction.number, "account_holder_name": instruction.holder},
            "amount": instruction.amount.minor,
            "currency": instruction.amount.currency,
            "description": instruction.description,
        }
        try:
            answer = self._ask("POST", "/v2/payouts", headers={"idempotency-key": instruction.key}, document=document)
        except NoConnection as error:
            raise NotSent("unreachable") from error
        except NoAnswer as error:
            raise OutcomeUnknown(str(error)) from error
        if answer.status == 429:
            raise NotSent("busy")  # refused at the gate, before anything was looked at
        if 400 <= answer.status < 500:
            code = _error(answer)
            if code is None or code in _ALREADY:
                raise OutcomeUnknown("duplicate" if code else "not_understood")
            raise PayoutRefused(code, BLAMES.get(code, "account" if answer.status in (401, 403) else "request"))
        if not 200 <= answer.status < 300:
            raise OutcomeUnknown("failed_inside" if answer.status >= 500 else "not_understood")
        try:
            told = _told(answer.document)
        except Unusable as error:
            raise OutcomeUnknown("not_understood") from error
        if told.reference != instruction.reference:
            raise OutcomeUnknown("not_understood")
        return told

    def find(self, remote_id: str) -> Told | None:
        """GET /v2/payouts/{id}."""
        answer = self._look_up(f"/v2/payouts/{quote(remote_id, safe='')}")
        return None if answer is None else _understood(answer.document)

    def find_by_reference(self, reference: str) -> list[Told]:
        """GET /v2/payouts?reference_id=…: a list, bare or under "data"."""
        answer = self._look_up("/v2/payouts", query={"reference_id": reference})
        if answer is None:
            return []
        found = answer.document.get("data") if isinstance(answer.document, dict) else answer.document
        if not isinstance(found, list):
            raise Silent("not_understood")
        return [told for told in map(_understood, found) if told.reference == reference]

    def cancel(self, remote_id: str) -> Told:
        """POST /v2/payouts/{id}/cancel: only while ACCEPTED."""
        answer = self._look_up(f"/v2/payouts/{quote(remote_id, safe='')}/cancel", method="POST")
        if answer is None:
            raise PayoutRefused("DATA_NOT_FOUND", "request")
        return _understood(answer.document)

    def channels(self) -> list[Channel]:
        """GET /payouts_channels: those for rupiah."""
        answer = self._look_up("/payouts_channels", query={"currency": _WHOLE_RUPIAH})
        found = None if answer is None else answer.document
        found = found.get("data") if isinstance(found, dict) else found
        if not isinstance(found, list):
            raise Silent("not_understood")
        try:
            return [_channel(each) for each in found if each.get("currency") == _WHOLE_RUPIAH]
        except (Unusable, AttributeError) as error:
            raise Silent("not_understood") from error

    def is_test(self) -> bool:
        """By the key's prefix."""
        return self.api_key.startswith("xnd_development_")

    def proves(self, headers: Mapping[str, str], token: str | None) -> bool:
        """x-callback-token equals the account's token."""
        given = headers.get("x-callback-token", "")
        same = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), (token or "").encode())
        return same and bool(token)

    def hear(self, body: bytes) -> Heard:
        """{event, data: {id, reference_id, status}}. A repeat says the same, so these make the key."""
        found = read(body)
        data = found.get("data") if isinstance(found, dict) else None
        topic = found.get("event") if isinstance(found, dict) else None
        if not isinstance(topic, str) or not isinstance(data, dict):
            raise Unusable("not_understood")
        remote_id, reference, word = (data.get(name) for name in ("id", "reference_id", "status"))
        if not all(isinstance(each, str) and each for each in (remote_id, reference, word)):
            raise Unusable("not_understood")
        return Heard(f"{topic}:{remote_id}:{word}", topic, str(remote_id), str(reference))

    def _look_up(self, path: str, *, method: str = "GET", query: Mapping[str, str] | None = None) -> Answer | None:
        """The answer to a question; None: there is no such thing."""
        try:
            answer = self._ask(method, path, query=query)
        except (NoConnection, NoAnswer) as error:
            raise Silent("unreachable" if isinstance(error, NoConnection) else str(error)) from error
        code = _error(answer)
        if answer.status == 404 and code in ("DATA_NOT_FOUND", "NOT_FOUND", "PAYOUT_NOT_FOUND"):
            return None
        if answer.status == 429 or not 200 <= answer.status < 500 or (answer.status >= 300 and code is None):
            raise Silent("busy" if answer.status == 429 else "not_understood")
        if answer.status >= 300:
            raise PayoutRefused(code or "", BLAMES.get(code or "", "account" if answer.status in (401, 403) else "request"))
        return answer

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        return ask(method, self.base_url.rstrip("/") + path, user=self.api_key, **more)


def _error(answer: Answer) -> str | None:
    """The error_code of a refusal, if it has one that is a word."""
    code = answer.document.get("error_code") if isinstance(answer.document, dict) else None
    return code if isinstance(code, str) and _WORD.match(code) else None


def _understood(document: Any) -> Told:
    try:
        return _told(document)
    except Unusable as error:
        raise Silent("not_understood") from error


def _told(document: Any) -> Told:
    """A payout as Xendit writes it. A status that we do not know counts as under way: it is neither paid nor back."""
    if not isinstance(document, dict):
        raise Unusable("not_understood")
    remote_id, reference, word, currency, channel = (
        document.get(name) for name in ("id", "reference_id", "status", "currency", "channel_code")
    )
    if not all(isinstance(each, str) and each for each in (remote_id, reference, word, currency, channel)):
        raise Unusable("not_understood")
    why = document.get("failure_code")
    return Told(
        remote_id=str(remote_id)[:120], reference=str(reference), channel=str(channel),
        amount=_amount(document.get("amount"), currency), standing=STANDINGS.get(str(word), "underway"), word=str(word)[:40],
        why=why[:60] if isinstance(why, str) else "",
    )  # fmt: skip


def _channel(document: dict[str, Any]) -> Channel:
    code, name, kind = (document.get(each) for each in ("channel_code", "channel_name", "channel_category"))
    if not isinstance(code, str) or not code or not isinstance(name, str):
        raise Unusable("not_understood")
    limits = document.get("amount_limits") or {}
    least, most = (limits.get(each) for each in ("minimum", "maximum"))
    return Channel(
        code[:60], name[:80], _KINDS.get(str(kind).upper(), "other"), _WHOLE_RUPIAH,  # type: ignore[arg-type]  # one of its values
        None if least is None else _limit(least, up=True), None if most is None else _limit(most, up=False),
    )  # fmt: skip


def _amount(value: Any, currency: Any) -> Money:
    """Exactly what stands there: 125000, 125000.0 and "125000.00" are whole rupiah, 0.5 and true are nothing."""
    number = _number(value)
    if currency != _WHOLE_RUPIAH or number != number.to_integral_value() or not 0 < number < 10**15:
        raise Unusable("not_understood")
    return Money(int(number), _WHOLE_RUPIAH)


def _limit(value: Any, *, up: bool) -> Money:
    """A limit on the safe side of what is named, in whole rupiah."""
    number = _number(value)
    return Money(min(int(number.to_integral_value("ROUND_CEILING" if up else "ROUND_FLOOR")), 10**15), _WHOLE_RUPIAH)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str) or len(str(value)) > 40:
        raise Unusable("not_understood")
    try:
        number = Decimal(value)
    except ArithmeticError as error:
        raise Unusable("not_understood") from error
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise Unusable("not_understood")
    return number
