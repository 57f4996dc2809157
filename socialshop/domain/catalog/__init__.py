"""Products, their variants, photos and stock. The door: everything others may call."""

from .actions import (
    SkuTaken,
    TooManyPhotos,
    add_photo,
    archive,
    arrange_photos,
    create,
    edit,
    live_variants,
    read_again,
    remove_photo,
    unarchive,
)
from .models import CatalogImport, Product, ProductPhoto, Variant
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
from .stock import SoldOut, StockMoved, StockReserved, release, reserve, restock, sell

__all__ = [
    "MAX_PHOTOS", "MAX_VARIANTS", "CatalogImport", "Offer", "Photo", "Product", "ProductDraft", "ProductOffer", "ProductPhoto",
    "Shelf", "SkuTaken", "SoldOut", "StockMoved", "StockReserved", "TooManyPhotos", "Variant", "VariantDraft", "add_photo",
    "archive", "arrange_photos", "categories_of", "clean_description", "count_products", "create", "description_html",
    "discrepancies", "edit", "find_product", "find_variant", "import_of", "is_web_address", "live_products_of", "live_variants",
    "offers", "offers_of_products", "plain_description", "product_of", "products_of", "read_again", "release", "remove_photo",
    "reserve", "restock", "sell", "typed_description", "unarchive",
]  # fmt: skip
