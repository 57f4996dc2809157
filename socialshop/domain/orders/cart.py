"""Carts: what a visitor has picked, found by the token in their cookie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Invalid
from ...kernel.vault import fingerprint
from .models import Cart, CartItem

MOST_OF_ONE = 99
MOST_LINES = 30


class CartFull(Invalid):
    """More different things than one cart holds."""

    code = "cart_full"
    message = N_("Your cart is full. Please order what is in it first.")


class NotAQuantity(Invalid):
    """Fewer than none, or more than one buyer may order at once."""

    code = "not_a_quantity"
    message = N_("Please choose a quantity from 1 to {most}.")
    most = MOST_OF_ONE

    def __init__(self) -> None:
        super().__init__(most=MOST_OF_ONE)


def find_cart(token: str) -> Cart | None:
    """The cart of this cookie."""
    return session().scalar(select(Cart).where(Cart.token_hash == fingerprint(token))) if token else None


def start_cart(token: str, *, now: datetime) -> Cart:
    """A new, empty cart for a new token."""
    cart = Cart(token_hash=fingerprint(token), created_at=now, changed_at=now)
    session().add(cart)
    session().flush()
    return cart


def lock_cart(cart_id: int) -> Cart | None:
    """The cart, kept from everybody else until the transaction ends: two taps check out one after the other."""
    return session().scalar(select(Cart).where(Cart.id == cart_id).with_for_update())


def items_of(cart_id: int) -> list[CartItem]:
    """What lies in the cart, in the order in which it was put there."""
    return list(session().scalars(select(CartItem).where(CartItem.cart_id == cart_id).order_by(CartItem.id)))


def count_of(cart_id: int) -> int:
    """How many pieces lie in the cart."""
    return session().scalar(select(func.coalesce(func.sum(CartItem.quantity), 0)).where(CartItem.cart_id == cart_id)) or 0


def put(cart_id: int, variant_id: int, quantity: int, *, now: datetime) -> None:
    """See that the cart holds at least this many of the variant; a second tap on the same button changes nothing."""
    if not 1 <= quantity <= MOST_OF_ONE:
        raise NotAQuantity
    if not _raise_to(cart_id, variant_id, quantity):
        if len(items_of(cart_id)) >= MOST_LINES:
            raise CartFull
        try:
            with session().begin_nested():
                session().add(CartItem(cart_id=cart_id, variant_id=variant_id, quantity=quantity))
        except IntegrityError:  # another tap put it there in the meantime
            _raise_to(cart_id, variant_id, quantity)
    _touch(cart_id, now)


def set_quantity(cart_id: int, variant_id: int, quantity: int, *, now: datetime) -> None:
    """Have exactly so many of the variant in the cart; 0 takes it out."""
    if not 0 <= quantity <= MOST_OF_ONE:
        raise NotAQuantity
    this = (CartItem.cart_id == cart_id, CartItem.variant_id == variant_id)
    if quantity == 0:
        session().execute(delete(CartItem).where(*this))
    else:
        session().execute(update(CartItem).where(*this).values(quantity=quantity))
    _touch(cart_id, now)


def empty(cart_id: int, variant_ids: list[int], *, now: datetime) -> None:
    """Take out what was ordered, and forget the code: the next purchase may come by another link."""
    session().execute(delete(CartItem).where(CartItem.cart_id == cart_id, CartItem.variant_id.in_(variant_ids)))
    session().execute(update(Cart).where(Cart.id == cart_id).values(changed_at=now, code=None, code_typed=False, code_at=None))


def remember_code(cart_id: int, code: str, *, typed: bool, now: datetime) -> None:
    """Keep the code that the buyer typed ("" where they took it out), or one they came with, which never replaces a typed one."""
    mine = (Cart.id == cart_id,) if typed else (Cart.id == cart_id, Cart.code_typed.is_(False))
    session().execute(update(Cart).where(*mine).values(changed_at=now, code=code[:30], code_typed=typed, code_at=now))


def forget_carts(before: datetime) -> int:
    """Throw away carts that nobody touched since; how many."""
    old = list(session().scalars(select(Cart.id).where(Cart.changed_at < before).limit(1000)))
    session().execute(delete(CartItem).where(CartItem.cart_id.in_(old)))
    session().execute(delete(Cart).where(Cart.id.in_(old)))
    return len(old)


def _raise_to(cart_id: int, variant_id: int, quantity: int) -> bool:
    found = session().execute(
        update(CartItem)
        .where(CartItem.cart_id == cart_id, CartItem.variant_id == variant_id)
        .values(
            quantity=func.greatest(CartItem.quantity, quantity) if _is_postgresql() else func.max(CartItem.quantity, quantity)
        )
        .returning(CartItem.id)
        .execution_options(synchronize_session=False)
    )
    return found.scalar() is not None


def _is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def _touch(cart_id: int, now: datetime) -> None:
    session().execute(update(Cart).where(Cart.id == cart_id).values(changed_at=now))
