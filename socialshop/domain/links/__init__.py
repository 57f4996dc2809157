"""Tracked links, referral codes and their QR. The door: everything others may call."""

from . import qr
from .actions import (
    CodeTaken,
    LinkExists,
    SlugTaken,
    Target,
    change_link,
    ensure_link,
    make_code,
    make_link,
    page_target,
    product_target,
    retire_code,
    turn,
    url_target,
)
from .models import ReferralCode, TrackedLink
from .queries import (
    code_of,
    codes_of,
    codes_of_program,
    find_by_slug,
    find_code,
    find_link,
    is_live,
    link_of,
    links_by_id,
    links_of,
    live_code,
    page_slugs,
)
from .rules import (
    CHANNELS,
    UTM_KEYS,
    clean_code,
    clean_destination,
    clean_slug,
    clean_utm,
    folded,
    host_of,
    look,
    shown,
    utm_parameters,
    with_parameters,
)

__all__ = [
    "CHANNELS", "UTM_KEYS", "CodeTaken", "LinkExists", "ReferralCode", "SlugTaken", "Target", "TrackedLink", "change_link", "clean_code",
    "clean_destination", "clean_slug", "clean_utm", "code_of", "codes_of", "codes_of_program", "ensure_link", "find_by_slug", "find_code",
    "find_link", "folded", "host_of", "is_live", "link_of", "links_by_id", "links_of", "live_code", "look", "make_code", "make_link",
    "page_slugs", "page_target", "product_target", "qr", "retire_code", "shown", "turn", "url_target", "utm_parameters", "with_parameters",
]  # fmt: skip
