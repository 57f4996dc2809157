"""The product form: texts as typed become a draft, and what the room refuses comes back beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, FieldList, Form, FormField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from ...domain import catalog
from ...kernel import words
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from ...kernel.money import EXPONENTS, Money
from ...kernel.prices import NotAPrice, read_price
from ..auth.forms import choices
from ..local import locale

_COUNT = re.compile(r"[0-9]{1,3}(?:[.,]?[0-9]{3})*\Z")


class VariantForm(Form):
    """One size or colour; also the only one."""

    variant = HiddenField()
    stock_seen = HiddenField()
    name = StringField(_l("Size, colour or kind"))
    price = StringField(_l("Price"))
    stock = StringField(_l("In stock"))
    sku = StringField(_l("SKU"))
    retire = BooleanField(_l("Stop selling this one"))

    @property
    def blank(self) -> bool:
        """Whether this is a new row that nobody has filled in."""
        return not any((field.data or "").strip() for field in (self.variant, self.name, self.price, self.stock, self.sku))


class ProductForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Everything about a product but its photos."""

    title = StringField(_l("Name of the product"), [Length(max=1000)])
    description = TextAreaField(_l("Description"), [Length(max=20_000)])
    category = StringField(_l("Category"), [Length(max=1000)])
    sold_at = RadioField(
        _l("Where do people buy it?"),
        choices=choices([("here", _l("Here, in socialshop's checkout")), ("link", _l("At your own shop"))]),
        default="here",
    )
    source_url = StringField(_l("Address at your shop"), [Length(max=5000)])
    variants = FieldList(FormField(VariantForm), min_entries=1, max_entries=catalog.MAX_VARIANTS)

    def rows(self) -> list[VariantForm]:
        """The variants' forms."""
        return [entry.form for entry in self.variants]

    def stated(self) -> list[VariantForm]:
        """Those that say something; a draft's variants are in this order."""
        return [row for i, row in enumerate(self.rows()) if i == 0 or not row.blank]

    def draft(self, currency: str, **facts: Any) -> catalog.ProductDraft:
        """What was typed, as a draft; Invalid names the fields that cannot even be read."""
        wrong: list[FieldError] = []
        variants = tuple(_variant(i, row, currency, wrong) for i, row in enumerate(self.stated()))
        if wrong:
            raise Invalid(fields=wrong)
        return catalog.ProductDraft(
            title=self.title.data or "",
            description=self.description.data or "",
            category=self.category.data or "",
            sold_here=self.sold_at.data != "link",
            source_url=self.source_url.data or "",
            variants=variants,
            **facts,
        )

    def blame(self, refusal: Invalid | Conflict) -> None:
        """Put a refusal beside the fields it is about, in the viewer's language."""
        for error in refusal.fields if isinstance(refusal, Invalid) else self._conflict(refusal):
            field = self._field(error.field)
            message = gettext(error.message)
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]

    def problems(self) -> list[tuple[str, str, str]]:
        """Every refused field for the summary on top: (id to jump to, its label, what is wrong)."""
        plain = [field for field in self if field.type not in ("FieldList", "CSRFTokenField")]
        found = [(field.id, str(field.label.text), str(field.errors[0])) for field in plain if field.errors]
        for n, row in enumerate(self.rows(), start=1):
            numbered = gettext("Variant %(n)s", n=n) + ": " if len(self.rows()) > 1 else ""
            found.extend((field.id, numbered + str(field.label.text), str(field.errors[0])) for field in row if field.errors)
        return found

    def more(self) -> None:
        """Another empty row, for browsers without script."""
        if len(self.variants) < catalog.MAX_VARIANTS:
            self.variants.append_entry()

    def _field(self, name: str) -> Field | None:
        parts = name.split("-")
        if len(parts) == 3:
            found: Field | None = getattr(self.stated()[int(parts[1])], parts[2], None)
            return found
        return self.rows()[0].name if name == "variants" else self._fields.get(name)

    def _conflict(self, refusal: Conflict) -> Iterable[FieldError]:
        sentence = words.refusal(refusal, locale())
        if isinstance(refusal, catalog.StockReserved | catalog.StockMoved):
            for i, row in enumerate(self.stated()):
                if row.variant.data == refusal.variant:
                    if isinstance(refusal, catalog.StockMoved):
                        row.stock_seen.data = str(refusal.stock)
                    yield FieldError(f"variants-{i}-stock", refusal.code, sentence)
        else:
            yield FieldError("", refusal.code, sentence)


def filled(product: catalog.ProductOffer) -> dict[str, Any]:
    """A product as the form shows it for editing."""
    return {
        "title": product.title,
        "description": catalog.typed_description(product.description),
        "category": product.category,
        "sold_at": "here" if product.sold_here else "link",
        "source_url": product.source_url,
        "variants": [
            {
                "variant": offer.variant, "stock_seen": str(offer.stock), "name": offer.variant_name,
                "price": price_text(offer.price), "stock": str(offer.stock), "sku": offer.sku,
            }
            for offer in product.variants
        ],
    }  # fmt: skip


def price_text(price: Money | None) -> str:
    """A price as it stands in the field: 149.000 or 49.90."""
    if price is None:
        return ""
    return f"{price.minor:,}".replace(",", ".") if EXPONENTS[price.currency] == 0 else price.decimal()


def _variant(index: int, row: VariantForm, currency: str, wrong: list[FieldError]) -> catalog.VariantDraft:
    price, stock = 0, 0
    try:
        price = read_price(row.price.data or "", currency)
    except NotAPrice as error:
        if not row.retire.data:
            missing = N_("Please give a price.")
            message = missing if not (row.price.data or "").strip() else words.refusal(error, locale())
            wrong.append(FieldError(f"variants-{index}-price", error.code, message))
    typed = (row.stock.data or "").strip()
    if typed and not (_COUNT.match(typed) and len(typed) < 20):
        wrong.append(FieldError(f"variants-{index}-stock", "not_a_count", N_("Please give a whole number.")))
    else:
        stock = int(re.sub(r"[.,]", "", typed) or 0)
    seen = row.stock_seen.data or ""
    return catalog.VariantDraft(
        variant=row.variant.data or "",
        name=row.name.data or "",
        sku=row.sku.data or "",
        price_minor=price,
        stock=stock,
        stock_seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
        retire=bool(row.retire.data),
    )
