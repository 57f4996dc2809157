"""The editor's forms: profile, look, one block at a time, and pasting an address."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...adapters import fetch
from ...domain import catalog, pages
from ...flows import page as stories
from ...flows import paste
from ...kernel.clock import rfc3339, utcnow
from ...kernel.errors import Invalid
from ..access import CREATOR, allow
from ..local import sentence
from ..shop import showcase
from . import bp
from .page import Answer, back, edit_draft, first_of, own_host
from .page_forms import FORMS, BlockForm, EditorForm, LookForm, PastedForm, ProfileForm, form_kind, item_key


@bp.route("/pages/<page>/profile", methods=["GET", "POST"])
@allow(CREATOR)
def page_profile(page: str) -> Answer:
    """Name, bio and picture."""
    row = pages.page_of(g.creator.id, page)
    form = ProfileForm()
    profile = row.draft["profile"]
    if request.method == "POST" and form.validate():
        try:
            picture = _uploaded() or ("" if form.remove_photo.data else profile["avatar"])
            given = {"name": form.name.data, "bio": form.bio.data, "avatar": picture}
            edit_draft(row, form.seen(), lambda draft: pages.edits.with_profile(draft, given))
            return back(row)
        except Invalid as refusal:
            form.tell(refusal)
        except pages.StalePage as stale:
            return _again("creator/page_profile.html", row, form, stale, profile=profile, avatar=showcase.avatar(row.draft))
    elif request.method == "GET":
        form.name.data, form.bio.data = profile["name"], profile["bio"]
    form.revision.data = str(row.revision)
    html = render_template("creator/page_profile.html", form=form, page=row, profile=profile, avatar=showcase.avatar(row.draft))
    return html, 422 if request.method == "POST" else 200


@bp.route("/pages/<page>/look", methods=["GET", "POST"])
@allow(CREATOR)
def page_look(page: str) -> Answer:
    """Theme and accent; a colour that cannot be read is refused, and the nearest one that can is offered."""
    row = pages.page_of(g.creator.id, page)
    form = LookForm()
    offered = ""
    if request.method == "POST" and form.validate():
        try:
            accent = form.accent.data if request.form.get("accent_from") != "preset" else ""
            theme = {"preset": form.preset.data, "accent": accent}
            edit_draft(row, form.seen(), lambda draft: pages.edits.with_theme(draft, theme))
            return back(row)
        except pages.themes.Unreadable as refusal:
            form.tell(refusal)
            offered = refusal.offered
        except Invalid as refusal:
            form.tell(refusal)
        except pages.StalePage as stale:
            return _again("creator/page_look.html", row, form, stale, presets=pages.themes.PRESETS, offered="")
    elif request.method == "GET":
        form.preset.data, form.accent.data = row.draft["theme"]["preset"], row.draft["theme"]["accent"]
    form.revision.data = str(row.revision)
    html = render_template("creator/page_look.html", form=form, page=row, presets=pages.themes.PRESETS, offered=offered)
    return html, 422 if request.method == "POST" else 200


@bp.post("/pages/<page>/pastes")
@allow(CREATOR)
def page_paste(page: str) -> Answer:
    """Any address becomes the right block; where its page tells nothing, a form to fill in."""
    row = pages.page_of(g.creator.id, page)
    url = request.form.get("url", "")
    seen = EditorForm().seen()
    try:
        block = read_pasted(url)
        stories.put_block(g.creator.id, page, seen, block, own_host=own_host(), now=utcnow())
    except fetch.Unreadable as refusal:
        flash(sentence(refusal), "warn")
        return redirect(url_for("creator.page_block_new", page=page, kind="pasted", url=url))
    except Invalid as refusal:
        flash(first_of(refusal), "bad")
    except pages.StalePage as stale:
        flash(gettext(stale.message), "warn")
    return back(row, "#add")


@bp.route(
    "/pages/<page>/blocks/new/<any(link, product, pasted, collection, heading, text, image, social):kind>",
    methods=["GET", "POST"],
)
@allow(CREATOR)
def page_block_new(page: str, kind: str) -> Answer:
    """A new block of one kind, put last."""
    row = pages.page_of(g.creator.id, page)
    kind_of_block = "product" if kind == "pasted" else kind
    known: dict[str, Any] = {"type": kind_of_block, "note": "", "size": "row"}
    form = FORMS[kind]()
    if request.method == "GET":
        if kind in ("link", "pasted"):
            form.url.data = request.args.get("url", "")
        if isinstance(form, PastedForm):
            form.paid.data = True
    return _block(row, form, kind, known)


@bp.route("/pages/<page>/blocks/<block>", methods=["GET", "POST"])
@allow(CREATOR)
def page_block(page: str, block: str) -> Answer:
    """One block, to be changed."""
    row = pages.page_of(g.creator.id, page)
    known = pages.edits.block_of(row.draft, block)
    kind = form_kind(known)
    form = FORMS[kind]()
    if request.method == "GET":
        form.fill(known)
    return _block(row, form, kind, known)


def read_pasted(url: str) -> dict[str, Any]:
    """The block for a pasted address; see flows.paste."""
    settings = current_app.config["SETTINGS"]
    fetcher = fetch.Fetcher(loopback=settings.fetch_loopback)
    return paste.read_block(
        url, creator_id=g.creator.id, own_host=own_host(), fetcher=fetcher, folder=settings.media_folder, now=utcnow()
    )


def _block(row: pages.Page, form: BlockForm, kind: str, known: dict[str, Any]) -> Answer:
    offers = _offer_products(form, known)
    status = 200
    if request.method == "POST":
        try:
            if form.validate():
                given = _given(form, kind, known)
                identity = stories.put_block(g.creator.id, row.public_id, form.seen(), given, own_host=own_host(), now=utcnow())
                return back(row, f"#block-{identity}")
        except fetch.Unreadable as refusal:
            form.form_errors.append(sentence(refusal))
        except Invalid as refusal:
            form.tell(refusal)
        except pages.StalePage as stale:
            return _again(
                "creator/page_block.html", row, form, stale, kind=kind, known=known, offers=offers, networks=pages.NETWORKS
            )
        status = 422
    form.revision.data = str(row.revision)
    html = render_template(
        "creator/page_block.html", page=row, form=form, kind=kind, known=known, offers=offers, stale="", networks=pages.NETWORKS
    )
    return html, status


def _given(form: BlockForm, kind: str, known: dict[str, Any]) -> dict[str, Any]:
    picture = _uploaded() if "photo" in form else ""
    facts = {**known, "now": rfc3339(utcnow())}
    if picture and kind == "pasted":
        facts["item"] = {**known.get("item", {}), "picture": picture}
    elif picture:
        facts["picture"] = picture
    given = {**{key: known[key] for key in ("id",) if key in known}, "type": known["type"], **form.schedule(), **form.body(facts)}
    if kind == "collection" and form.url.data:
        pasted = read_pasted(form.url.data)
        item = pasted.get("item") or {"kind": "pasted", "url": pasted["url"], "title": pasted["title"]}
        given["items"] = [*given["items"], item]
    return given


def _offer_products(form: BlockForm, known: dict[str, Any]) -> dict[str, Any]:
    """Fill the choices of product fields; returns what the template shows beside each choice."""
    if not ({"product", "products"} & set(form._fields)):
        return {}
    brands = {deal.brand_id for deal in stories.deals_of(g.creator.id)}
    offers = {offer.product: offer for offer in catalog.live_products_of(sorted(brands), limit=200)} if brands else {}
    choices = [SelectChoice(key, offer.title) for key, offer in offers.items()]
    if "products" in form:
        mine = [
            SelectChoice(item_key(item), item.get("title") or item_key(item))
            for item in known.get("items", [])
            if item_key(item) not in offers
        ]
        form.products.choices = [*mine, *choices]
    else:
        form.product.choices = choices
    return offers


def _uploaded() -> str:
    """The id of an uploaded picture, "" where none was sent."""
    sent = request.files.get("photo")
    data = sent.read() if sent else b""
    if not data:
        return ""
    folder = current_app.config["SETTINGS"].media_folder
    return paste.store_picture(data, creator_id=g.creator.id, folder=folder, now=utcnow())


def _again(template: str, row: pages.Page, form: EditorForm, stale: pages.StalePage, **facts: Any) -> Answer:
    """The form once more with the person's entries, on the newest revision: sending it again applies them there."""
    form.revision.data = str(row.revision)
    note = gettext(
        "This page was changed in another window. Your entries are still here: save again to put them into the newest state."
    )
    return render_template(template, page=row, form=form, stale=note, **facts), 409
