"""Who may call a view: declared beside it, checked by the doors. A view that declares nothing is closed to all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from flask import Flask

Kind = Literal["anyone", "signed_in", "creator", "brand", "operator", "signature", "key"]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a view. roles: with kind "brand", which of its members; with kind "key", what the key must be made for."""

    kind: Kind
    roles: tuple[str, ...] = ()


ANYONE = Policy("anyone")
SIGNED_IN = Policy("signed_in")
CREATOR = Policy("creator")
OPERATOR = Policy("operator")
SIGNATURE = Policy("signature")  # a machine that proves itself by signature inside the view
BRAND_VIEW = Policy("brand", ("owner", "manager", "finance", "viewer"))
BRAND_MANAGE = Policy("brand", ("owner", "manager"))  # products, programs, creators, orders, connections
BRAND_MONEY = Policy("brand", ("owner", "finance"))  # payouts, receiving accounts
BRAND_TILL = Policy("brand", ("owner", "manager", "finance"))  # confirming payments, refunds
BRAND_OWN = Policy("brand", ("owner",))  # members, brand settings
READS_MONEY = Policy("key", ("read:money",))  # an API key of a brand or a creator; its door is `KEY_DOOR`
KEY_DOOR = "key_door"  # where the app keeps the function that lets keys in; without one such views are closed


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare a view's policy; goes below the route decorator."""

    def declare(view: View) -> View:
        cast(Any, view).__policy__ = policy
        return view

    return declare


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy declared for an endpoint, if any."""
    return getattr(app.view_functions.get(endpoint), "__policy__", None)
