"""Photos of a product: a handful, in order, each said in words. Called inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, NotFound
from .actions import lock
from .models import Product, ProductPhoto
from .rules import MAX_ALT, MAX_PHOTOS, line


class TooManyPhotos(Conflict):
    """A product shows a handful of photos, not an album."""

    code = "too_many_photos"
    message = N_("A product can have at most {most} photos. Remove one first.")

    def __init__(self) -> None:
        self.most = MAX_PHOTOS
        super().__init__()


def add_photo(
    product: Product, *, picture_id: int, picture: str, width: int, height: int, alt: str = "", now: datetime
) -> ProductPhoto:
    """Put a picture behind the others; the same picture twice stays one photo. TooManyPhotos beyond eight."""
    lock(product.id)
    photos = photos_of(product.id)
    known = next((photo for photo in photos if photo.picture_id == picture_id), None)
    if known is not None:
        return known
    if len(photos) >= MAX_PHOTOS:
        raise TooManyPhotos()
    position = photos[-1].position + 1 if photos else 0
    photo = ProductPhoto(
        product_id=product.id, picture_id=picture_id, picture=picture, width=width, height=height, position=position,
        alt=line(alt)[:MAX_ALT],
    )  # fmt: skip
    session().add(photo)
    product.updated_at = now
    session().flush()
    return photo


def arrange_photos(product: Product, order: Sequence[str], alts: Mapping[str, str], *, now: datetime) -> None:
    """Order and describe the photos by their pictures' ids; those not named follow as they were."""
    lock(product.id)
    places = {picture: place for place, picture in enumerate(order)}
    photos = sorted(photos_of(product.id), key=lambda photo: places.get(photo.picture, len(places) + photo.position))
    for position, photo in enumerate(photos):
        photo.position = position
        photo.alt = line(alts.get(photo.picture, photo.alt))[:MAX_ALT]
    product.updated_at = now
    session().flush()


def remove_photo(product: Product, picture: str, *, now: datetime) -> int | None:
    """Take a photo off; the picture's id where no product shows it any more, so that the caller may forget it."""
    lock(product.id)
    picture_id = session().scalar(
        delete(ProductPhoto)
        .where(ProductPhoto.product_id == product.id, ProductPhoto.picture == picture)
        .returning(ProductPhoto.picture_id)
    )
    if picture_id is None:
        raise NotFound()
    product.updated_at = now
    session().flush()
    left = session().scalar(select(func.count()).select_from(ProductPhoto).where(ProductPhoto.picture_id == picture_id))
    return None if left else picture_id


def photos_of(product_id: int) -> list[ProductPhoto]:
    """The photos in order."""
    query = select(ProductPhoto).where(ProductPhoto.product_id == product_id)
    return list(session().scalars(query.order_by(ProductPhoto.position, ProductPhoto.id)))
