"""Link pages: drafts, versions, looks. The door: everything others may call."""

from . import edits, themes
from .actions import StalePage, edit, make, new_block_id, note_view, publish, restore, take_down, undo
from .models import Page, PageVersion, PageView
from .queries import (
    find_page,
    is_ahead,
    live_version,
    page_of,
    pages_of,
    published,
    version_of,
    versions_of,
    view_times,
    views_of,
)
from .rules import (
    MAX_PRODUCTS,
    NETWORKS,
    TYPES,
    Block,
    Document,
    blank,
    clean_block,
    clean_document,
    clean_profile,
    is_shown,
    pictures_in,
    products_in,
)

__all__ = [
    "MAX_PRODUCTS", "NETWORKS", "TYPES", "Block", "Document", "Page", "PageVersion", "PageView", "StalePage", "blank", "clean_block",
    "clean_document", "clean_profile", "edit", "edits", "find_page", "is_ahead", "is_shown", "live_version", "make", "new_block_id",
    "note_view", "page_of", "pages_of", "pictures_in", "products_in", "publish", "published", "restore", "take_down", "themes", "undo",
    "version_of", "versions_of", "view_times", "views_of",
]  # fmt: skip
