"""Products, their variants, photos and stock. The door: everything others may call."""

from .actions import (
    SkuTaken,
    archive,
    create,
    edit,
    live_variants,
    read_again,
    unarchive,
)
from .imports import CatalogueMoved, PreviewOver, rows_of
from .imports import confirm as confirm_import
from .imports import drop as drop_import
from .imports import preview as preview_import
from .models import CatalogImport, Product, ProductPhoto, Variant
from .photos import TooManyPhotos, add_photo, arrange_photos, remove_photo
from .queries import (
    Offer,
    Photo,
    ProductOffer,
    Shelf,
    categories_of,
    count_products,
    discrepancies,
    find_product,
    find_variant,
    import_of,
    live_products_of,
    offers,
    offers_of_products,
    product_of,
    products_of,
)
from .rules import (
    MAX_PHOTOS,
    MAX_VARIANTS,
    ProductDraft,
    VariantDraft,
    clean_description,
    description_html,
    is_web_address,
    plain_description,
    typed_description,
)
from .sheet import COLUMNS, HEADINGS_ID, BadRows, BadSheet, CellError, Sheet, read_sheet, write_sheet
from .stock import SoldOut, StockMoved, StockReserved, release, reserve, restock, sell

__all__ = [
    "COLUMNS", "HEADINGS_ID", "MAX_PHOTOS", "MAX_VARIANTS", "BadRows", "BadSheet", "CatalogImport", "CatalogueMoved",
    "CellError", "Offer", "Photo", "PreviewOver", "Product", "ProductDraft", "ProductOffer", "ProductPhoto", "Sheet",
    "Shelf", "SkuTaken", "SoldOut", "StockMoved", "StockReserved", "TooManyPhotos", "Variant", "VariantDraft", "add_photo",
    "archive", "arrange_photos", "categories_of", "clean_description", "confirm_import", "count_products", "create",
    "description_html", "discrepancies", "drop_import", "edit", "find_product", "find_variant", "import_of", "is_web_address",
    "live_products_of", "live_variants", "offers", "offers_of_products", "plain_description", "preview_import", "product_of",
    "products_of", "read_again", "read_sheet", "release", "remove_photo", "reserve", "restock", "rows_of", "sell",
    "typed_description", "unarchive", "write_sheet",
]  # fmt: skip
