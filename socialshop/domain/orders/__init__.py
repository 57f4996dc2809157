"""Carts and orders, here or in the brand's own store, with everything that happened to them. The door."""

from .cart import (
    MOST_OF_ONE,
    CartFull,
    NotAQuantity,
    count_of,
    empty,
    find_cart,
    forget_carts,
    items_of,
    lock_cart,
    put,
    remember_code,
    set_quantity,
    start_cart,
)
from .checks import discrepancies
from .disputes import (
    Dispute,
    DisputeOver,
    DisputeRuns,
    NotDisputable,
    close_dispute,
    dispute_of,
    disputes_of,
    find_open_dispute,
    open_dispute,
)
from .drafts import Draft, DraftLine, LineSnapshot, OrderSnapshot
from .holds import held_by_variant, hold, hold_again, let_go, sold
from .listing import SHELVES, Page, Shelf, counts, every, listed
from .many import PaidOutside
from .models import Cart, CartItem, Order, OrderLine, OrderStep, Refund, StockHold
from .moves import (
    EDGES,
    FULFILMENT_EDGES,
    NotAlongAnEdge,
    NotToBeShipped,
    deliver,
    log,
    mark_cancelled,
    mark_expired,
    mark_paid,
    name_of,
    pack,
    ship,
)
from .outside import NotAnOrder, NotFromOutside, check, edit_outside, find_outside, record_outside
from .placing import Buyer, NewLine, NewOrder, orders_of_checkout, place
from .queries import (
    awaiting_of,
    beside_left,
    by_token,
    count_awaiting,
    facts,
    find,
    find_refund,
    get,
    known_outside,
    left_of,
    lines_by_order,
    lines_of,
    nets,
    order_of,
    orders_by_id,
    refund,
    refunded_minor,
    refunded_of,
    refunds_of,
    returnable_of,
    set_program,
    siblings_of,
    steps_of,
    totals_of,
)
from .refunds import NotCaptured, NothingLeft, RefundTooLarge, TooManyBack, UnknownLine, record_refund
from .rules import (
    AmountsRunOut,
    DiscountTooLarge,
    Goods,
    Totals,
    goods,
    percent_off,
    phone,
    share_over,
    unique_amount,
    worth,
)

__all__ = [
    "EDGES", "FULFILMENT_EDGES", "MOST_OF_ONE", "SHELVES", "AmountsRunOut", "Buyer", "Cart", "CartFull", "CartItem",
    "DiscountTooLarge", "Dispute", "DisputeOver", "DisputeRuns", "Draft", "DraftLine", "Goods", "LineSnapshot", "NewLine",
    "NewOrder", "NotAQuantity", "NotAlongAnEdge", "NotAnOrder", "NotCaptured", "NotDisputable", "NotFromOutside",
    "NotToBeShipped", "NothingLeft", "Order", "OrderLine", "OrderSnapshot", "OrderStep", "Page", "PaidOutside", "Refund",
    "RefundTooLarge", "Shelf", "StockHold", "TooManyBack", "Totals", "UnknownLine", "awaiting_of", "beside_left", "by_token",
    "check", "close_dispute", "count_awaiting", "count_of", "counts", "deliver", "discrepancies", "dispute_of", "disputes_of",
    "edit_outside", "empty", "every", "facts", "find", "find_cart", "find_open_dispute", "find_outside", "find_refund",
    "forget_carts", "get", "goods", "held_by_variant", "hold", "hold_again", "items_of", "known_outside", "left_of", "let_go",
    "lines_by_order", "lines_of", "listed", "lock_cart", "log", "mark_cancelled", "mark_expired", "mark_paid", "name_of",
    "nets", "open_dispute", "order_of", "orders_by_id", "orders_of_checkout", "pack", "percent_off", "phone", "place", "put",
    "record_outside", "record_refund", "refund", "refunded_minor", "refunded_of", "refunds_of", "remember_code",
    "returnable_of", "set_program", "set_quantity", "share_over", "ship", "siblings_of", "sold", "start_cart", "steps_of",
    "totals_of", "unique_amount", "worth",
]  # fmt: skip
