"""The forms of the page editor. What is right or wrong is decided by the pages room; its refusals land on the fields here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ...domain import pages
from ...kernel import prices, words
from ...kernel.clock import instant, rfc3339
from ...kernel.errors import DomainError, FieldError, Invalid
from ...kernel.money import to_decimal
from ..local import locale, sentence, zone
from ..moments import MomentField


def said(wrong: FieldError, refusal: DomainError) -> str:
    """What is wrong with one field, in the viewer's language."""
    return words.say(wrong.message, locale(), **refusal.facts)


def tell(form: FlaskForm, refusal: DomainError) -> None:
    """Put a refusal beside its fields, or on top where it belongs to none."""
    wrong = refusal.fields if isinstance(refusal, Invalid) else []
    for field in wrong:
        text = said(field, refusal)
        if field.field in form._fields:
            form._fields[field.field].errors = [*form._fields[field.field].errors, text]
        else:
            form.form_errors.append(text)
    if not wrong:
        form.form_errors.append(sentence(refusal))


class EditorForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """What every edit carries: the revision it was made on."""

    revision = HiddenField()

    def seen(self) -> int:
        """The revision the person looked at; 0 (which never is one) where that is not a number."""
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    def tell(self, refusal: Invalid) -> None:
        """Put each refusal beside its field; what belongs to none goes on top."""
        for wrong in refusal.fields:
            name = {"item": "product", "items": "products", "price_minor": "price", "url": "url"}.get(wrong.field, wrong.field)
            text = said(wrong, refusal)
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, text]
            else:
                self.form_errors.append(text)
        if not refusal.fields:
            self.form_errors.append(sentence(refusal))


class ProfileForm(EditorForm):
    """Who the page is about."""

    name = StringField(_l("Name"))
    bio = TextAreaField(_l("Short bio"))
    photo = FileField(_l("Your picture"))
    remove_photo = BooleanField(_l("Show my initial instead of a picture"))


class LookForm(EditorForm):
    """How the page looks."""

    preset = RadioField(_l("Look"), choices=[SelectChoice(key, preset.name) for key, preset in pages.themes.PRESETS.items()])
    accent = StringField(_l("Accent colour"))


class BlockForm(EditorForm):
    """What every block has: a schedule, and whether it is hidden."""

    starts = MomentField(_l("Show from"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])
    ends = MomentField(_l("Show until"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])
    hidden = BooleanField(_l("Hide this block"))

    def schedule(self) -> dict[str, Any]:
        """The common fields of the block as the document keeps them."""
        return {"hidden": bool(self.hidden.data), "from": _utc(self.starts.data), "until": _utc(self.ends.data)}

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        """The block's own fields as the document keeps them."""
        raise NotImplementedError

    def fill(self, block: Mapping[str, Any]) -> None:
        """Show a block that is there already."""
        self.hidden.data = block.get("hidden", False)
        self.starts.data, self.ends.data = _local(block.get("from", "")), _local(block.get("until", ""))
        for name in self._fields:
            if name in block and name not in ("hidden",):
                self._fields[name].data = block[name]


class LinkForm(BlockForm):
    """A link with a title."""

    url = StringField(_l("Address"))
    title = StringField(_l("Title"))
    note = StringField(_l("A line below it"))
    photo = FileField(_l("Small picture"))
    paid = BooleanField(_l("I am paid for this link: mark it as an ad"))

    def body(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": self.url.data,
            "title": self.title.data,
            "note": self.note.data,
            "paid": self.paid.data,
            "picture": known.get("picture", ""),
        }


class ProductForm(BlockForm):
    """A product of a program, or one from a pasted address."""

    product = RadioField(_l("Product"), choices=[], validate_choice=False)
    note = StringField(_l("Why you like it"))
    big = BooleanField(_l("Show it large"))

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "item": {"kind": "own", "product": self.product.data},
            "note": self.note.data,
            "size": "big" if self.big.data else "row",
        }

    def fill(self, block: Mapping[str, Any]) -> None:
        super().fill(block)
        self.product.data = block["item"].get("product")
        self.big.data = block["size"] == "big"


class PastedForm(BlockForm):
    """A product from elsewhere: what its page said, corrected by the creator."""

    url = StringField(_l("Address of the product"))
    title = StringField(_l("Title"))
    price = StringField(_l("Price"))
    photo = FileField(_l("Photo"))
    note = StringField(_l("Why you like it"))
    big = BooleanField(_l("Show it large"))
    paid = BooleanField(_l("I am paid for this link: mark it as an ad"))

    def body(self, known: Mapping[str, Any]) -> dict[str, Any]:
        item = known.get("item", {})
        currency = item.get("currency") or "IDR"
        text = (self.price.data or "").strip()
        minor = prices.read_price(text, currency) if text else None
        same = minor == item.get("price_minor") and item.get("priced_at")
        return {
            "item": {
                "kind": "pasted",
                "url": self.url.data,
                "title": self.title.data,
                "picture": item.get("picture", ""),
                "price_minor": minor,
                "currency": currency if minor is not None else "",
                "priced_at": (item["priced_at"] if same else known.get("now", "")) if minor is not None else "",
                "paid": self.paid.data,
            },
            "note": self.note.data,
            "size": "big" if self.big.data else "row",
        }

    def fill(self, block: Mapping[str, Any]) -> None:
        super().fill(block)
        item = block["item"]
        self.url.data, self.title.data, self.paid.data = item["url"], item["title"], item["paid"]
        self.price.data = to_decimal(item["price_minor"], item["currency"]) if item["price_minor"] is not None else ""
        self.big.data = block.get("size") == "big"


class CollectionForm(BlockForm):
    """Several products under one title."""

    title = StringField(_l("Title"))
    products = SelectMultipleField(
        _l("Products"), choices=[], validate_choice=False, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    url = StringField(_l("Add one from a pasted address"))

    def body(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Products keep the order they had; new ones come after them."""
        chosen = list(self.products.data or [])
        by_key = {item_key(item): item for item in known.get("items", [])}
        kept = [item for key, item in by_key.items() if key in chosen]
        new = [{"kind": "own", "product": key} for key in chosen if key not in by_key and key.startswith("prd_")]
        return {"title": self.title.data, "items": kept + new}

    def fill(self, block: Mapping[str, Any]) -> None:
        super().fill(block)
        self.products.data = [item_key(item) for item in block["items"]]


class HeadingForm(BlockForm):
    """A heading between blocks."""

    text = StringField(_l("Heading"))

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        return {"text": self.text.data}


class TextForm(BlockForm):
    """A few sentences."""

    text = TextAreaField(_l("Text"))

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        return {"text": self.text.data}


class ImageForm(BlockForm):
    """A picture, which may lead somewhere."""

    photo = FileField(_l("Picture"))
    alt = StringField(_l("What it shows, for people who cannot see it"))
    url = StringField(_l("Where it leads"))

    def body(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return {"picture": known.get("picture", ""), "alt": self.alt.data, "url": self.url.data}


class SocialForm(BlockForm):
    """Profiles on other networks: a name or an address each."""

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        return {"items": [{"network": network, "url": self._fields[network].data or ""} for network in pages.NETWORKS]}

    def fill(self, block: Mapping[str, Any]) -> None:
        super().fill(block)
        for item in block["items"]:
            self._fields[item["network"]].data = item["url"].removeprefix("mailto:")


class LatestForm(BlockForm):
    """What the newest posts show: only its heading is the creator's to write."""

    title = StringField(_l("Heading"))

    def body(self, _known: Mapping[str, Any]) -> dict[str, Any]:
        return {"title": self.title.data}


for _network, (_name, _hosts, _pattern) in pages.NETWORKS.items():
    setattr(SocialForm, _network, StringField(_name))

FORMS: dict[str, type[BlockForm]] = {
    "link": LinkForm, "product": ProductForm, "pasted": PastedForm, "collection": CollectionForm, "heading": HeadingForm,
    "text": TextForm, "image": ImageForm, "social": SocialForm, "latest": LatestForm,
}  # fmt: skip


def form_kind(block: Mapping[str, Any]) -> str:
    """Which form edits a block: its type, but for products from elsewhere."""
    if block["type"] == "product" and block["item"].get("kind") == "pasted":
        return "pasted"
    return str(block["type"])


def item_key(item: Mapping[str, Any]) -> str:
    """What a product is called in a list of boxes: its public id, or its address."""
    return str(item["product"] if item["kind"] == "own" else item["url"])


def _utc(local: datetime | None) -> str:
    return "" if local is None else rfc3339(local.replace(tzinfo=ZoneInfo(zone())).astimezone(UTC))


def _local(text: str) -> datetime | None:
    return instant(text).astimezone(ZoneInfo(zone())).replace(tzinfo=None) if text else None
