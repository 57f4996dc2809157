"""/creator/links and /creator/codes: what a creator hands out, with copy buttons and QR."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Optional

from ...domain import analytics, catalog, clicks, links, pages, programs
from ...flows import handout
from ...flows.page import deals_of
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, Forbidden
from ...kernel.ways import kind_of
from ..access import CREATOR, actor, allow
from ..local import zone
from ..moments import MomentField
from ..shop.page import absolute, qr_answer
from . import bp, link_ways, link_words
from .page import own_host
from .page_forms import tell

CHANNELS = {
    "instagram": "Instagram", "tiktok": "TikTok", "whatsapp": "WhatsApp", "youtube": "YouTube", "facebook": "Facebook",
    "qr": _l("Print or QR"), "other": _l("Somewhere else"), "page": _l("My page"),
}  # fmt: skip
WHY_NOT = {
    "ended": _l("No longer: its program has ended."),
    "left": _l("No longer: you are not in its program any more."),
    "gone": _l("No longer: the brand does not sell this product any more."),
}
WEEK = timedelta(days=7)
PLAIN = (
    "kind", "product", "page", "url", "title", "channel", "placement", "slug", "fallback_url", "max_clicks", "password",
)  # fmt: skip


class LinkForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Where a link leads, and where it will be posted."""

    kind = RadioField(
        _l("Leads to"),
        choices=[
            SelectChoice("product", _l("A product of a program")),
            SelectChoice("page", _l("My page")),
            SelectChoice("url", _l("Another address")),
        ],
        default="product",
    )
    product = SelectField(_l("Product"), choices=[], validate_choice=False)
    page = SelectField(_l("Page"), choices=[], validate_choice=False)
    url = StringField(_l("Address"))
    title = StringField(_l("Name for your own list"))
    channel = SelectField(
        _l("Where you will post it"), choices=[SelectChoice(*pair) for pair in CHANNELS.items() if pair[0] != "page"]
    )
    placement = StringField(_l("Place"))
    slug = StringField(_l("Your own ending"))
    expires_at = MomentField(_l("Ends at"), format=["%Y-%m-%dT%H:%M"], validators=[Optional()])
    fallback_url = StringField(_l("Afterwards it leads to"))
    max_clicks = StringField(_l("Ends after so many clicks"))
    password = StringField(_l("Password"))
    no_password = BooleanField(_l("No password any more"))
    utm_source = StringField("utm_source")
    utm_medium = StringField("utm_medium")
    utm_campaign = StringField("utm_campaign")
    utm_term = StringField("utm_term")
    utm_content = StringField("utm_content")

    def of_made(self) -> LinkForm:
        """For a link that there is: where it was posted stays."""
        del self.channel, self.placement
        return self

    def given(self) -> dict[str, Any]:
        """The entries as plain values."""
        ends = self.expires_at.data
        return {
            **{name: self._fields[name].data or "" for name in PLAIN if name in self._fields},
            "no_password": bool(self.no_password.data),
            "expires_at": None if ends is None else ends.replace(tzinfo=ZoneInfo(zone())).astimezone(UTC),
            "utm": {key: self._fields[f"utm_{key}"].data or "" for key in links.UTM_KEYS},
        }

    def show(self, link: links.TrackedLink) -> None:
        """Fill in what the link is now."""
        self.kind.data = link.target_key.partition(":")[0] if link.target_key.startswith(("product:", "page:")) else "url"
        self.url.data, self.title.data = link.url, link.title
        self.fallback_url.data, self.slug.data = link.fallback_url, link.slug
        self.max_clicks.data = "" if link.max_clicks is None else str(link.max_clicks)
        self.expires_at.data = _local(link.expires_at)
        for key in links.UTM_KEYS:
            self._fields[f"utm_{key}"].data = link.utm.get(key, "")


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """A referral code of one program."""

    program = SelectField(_l("Program"), choices=[], validate_choice=False)
    code = StringField(_l("Code"))
    with_discount = BooleanField(_l("Give buyers the brand's discount"), default=True)


@bp.get("/links", endpoint="links")
@allow(CREATOR)
def all_links() -> str:
    """All links with their clicks; those of the page apart."""
    of_page = request.args.get("on") == "page"
    mine = [link for link in links.links_of(g.creator.id) if (link.channel == "page") == of_page]
    now = utcnow()
    ids = [link.id for link in mine]
    total = analytics.clicks_of_links(ids)
    return render_template(
        "creator/links.html",
        rows=mine,
        of_page=of_page,
        total=total,
        week=analytics.clicks_of_links(ids, now - WEEK),
        earning=handout.earning(g.creator.id, mine),
        why_not=WHY_NOT,
        channels=CHANNELS,
        absolute=absolute,
        shown=links.shown,
        standing=lambda link: links.standing(link, now=now, clicks=total.get(link.id, 0)),
        has_ways=lambda link: any(links.routes.of(link.routes)[name] for name in ("rules", "arms", "stores")),
    )


@bp.route("/links/new", methods=["GET", "POST"])
@allow(CREATOR)
def link_new() -> Any:
    """One more link."""
    form = _choices(LinkForm())
    if request.method == "GET":
        form.kind.data = request.args.get("kind") or ("product" if form.product.choices else "url")
    if form.validate_on_submit():
        try:
            made = handout.make_link(g.creator.id, form.given(), own_host=own_host(), actor=actor(), now=utcnow())
        except DomainError as refusal:
            tell(form, refusal)
        else:
            flash(gettext("Your link is ready. Copy it, or take its QR."), "good")
            return redirect(url_for("creator.link", link=made.public_id), code=303)
    return render_template(
        "creator/link_form.html", form=form, link=None, has_page=_has_page()
    ), 422 if request.method == "POST" else 200


@bp.get("/links/<link>")
@allow(CREATOR)
def link(link: str) -> str:
    """One link: copy it, see its clicks, take its QR."""
    row = links.link_of(g.creator.id, link)
    now = utcnow()
    total = analytics.clicks_of_links([row.id]).get(row.id, 0)
    routes = links.routes.of(row.routes)
    return render_template(
        "creator/link.html",
        link=row,
        address=absolute(f"/l/{row.slug}"),
        total=total,
        week=analytics.clicks_of_links([row.id], now - WEEK).get(row.id, 0),
        earning=handout.earning(g.creator.id, [row])[row.id],
        why_not=WHY_NOT,
        where_over=_where_over(row),
        channels=CHANNELS,
        shown=links.shown,
        standing=links.standing(row, now=now, clicks=total),
        routes=routes,
        by_way=clicks.by_way(g.creator.id, row.id) if any(routes[name] for name in ("rules", "arms", "stores")) else {},
        dead=row.dead or [],
        aliases=links.aliases_of(row.id),
        said=link_words,
        main_kind=kind_of(row.url),
        tried=link_ways.tried(row, clicks=total),
        devices=link_words.DEVICES,
        languages={code: link_words.language(code) for code in link_words.LANGUAGES},
    )


@bp.route("/links/<link>/change", methods=["GET", "POST"])
@allow(CREATOR)
def link_change(link: str) -> Any:
    """Another destination for the same slug."""
    row = links.link_of(g.creator.id, link)
    form = _choices(LinkForm().of_made())
    if request.method == "GET":
        form.show(row)
        if row.product_id:
            offer = catalog.offers_of_products([row.product_id]).get(row.product_id)
            form.product.data = offer.product if offer else ""
        form.page.data = next((p.public_id for p in pages.pages_of(g.creator.id) if row.target_key == f"page:{p.id}"), "")
    if form.validate_on_submit():
        try:
            handout.change_link(g.creator.id, link, form.given(), own_host=own_host(), actor=actor(), now=utcnow())
        except DomainError as refusal:
            tell(form, refusal)
        else:
            flash(gettext("Saved. Everyone who taps the link goes to the new place from now on."), "good")
            return redirect(url_for("creator.link", link=link), code=303)
    return render_template(
        "creator/link_form.html", form=form, link=row, has_page=_has_page()
    ), 422 if request.method == "POST" else 200


@bp.post("/links/<link>/state")
@allow(CREATOR)
def link_turn(link: str) -> Response:
    """Off, or live again."""
    state = "live" if request.form.get("state") == "live" else "off"
    handout.turn_link(g.creator.id, link, state, actor=actor(), now=utcnow())
    flash(
        gettext("The link is on again.") if state == "live" else gettext("The link is off. It leads to its fallback now."), "info"
    )
    return redirect(url_for("creator.link", link=link), code=303)


@bp.get("/links/<link>/qr.<any(svg, png):kind>")
@allow(CREATOR)
def link_qr(link: str, kind: str) -> Any:
    """The link as a QR."""
    row = links.link_of(g.creator.id, link)
    return qr_answer(absolute(f"/l/{row.slug}"), kind, f"{g.creator.handle}-{row.slug}")


@bp.route("/codes", methods=["GET", "POST"])
@allow(CREATOR)
def codes() -> Any:
    """Referral codes of every program the creator is in, and the form for one more."""
    deals = [program for program, _enrollment in programs.live_enrollments_of(g.creator.id)]
    form = CodeForm()
    form.program.choices = [SelectChoice(program.public_id, program.name) for program in deals]
    if form.validate_on_submit():
        try:
            chosen = next((program.id for program in deals if program.public_id == form.program.data), None)
            if chosen is None:
                raise Forbidden(gettext("Join the program first; then you can make codes for it."))
            made = handout.give_code(
                g.creator.id,
                chosen,
                code=form.code.data or "",
                with_discount=form.with_discount.data,
                actor=actor(),
                now=utcnow(),
            )
        except DomainError as refusal:
            tell(form, refusal)
        else:
            flash(gettext("%(code)s is yours.", code=made.code.upper()), "good")
            return redirect(url_for("creator.codes"), code=303)
    mine = links.codes_of(g.creator.id)
    html = render_template(
        "creator/codes.html",
        form=form,
        deals=deals,
        codes=mine,
        names={p.id: p.name for p in programs.programs_by_id({code.program_id for code in mine}).values()},
        way=lambda code: absolute(handout.address_of_code(code)),
    )
    return html, 422 if request.method == "POST" else 200


@bp.post("/codes/<code>/retirement")
@allow(CREATOR)
def code_retire(code: str) -> Response:
    """No sale comes by this code from now on."""
    handout.retire_code(g.creator.id, code, actor=actor(), now=utcnow())
    flash(gettext("The code is retired. Nobody else can take it."), "info")
    return redirect(url_for("creator.codes"), code=303)


@bp.get("/codes/<code>/qr.<any(svg, png):kind>")
@allow(CREATOR)
def code_qr(code: str, kind: str) -> Any:
    """A QR that opens the page with the code on."""
    row = links.code_of(g.creator.id, code)
    return qr_answer(absolute(handout.address_of_code(row)), kind, row.code)


def _choices(form: LinkForm) -> LinkForm:
    brands = {deal.brand_id for deal in deals_of(g.creator.id)}
    offers = catalog.live_products_of(sorted(brands), limit=200) if brands else []
    form.product.choices = [SelectChoice(offer.product, offer.title) for offer in offers]
    form.page.choices = [
        SelectChoice(page.public_id, f"/@{g.creator.handle}" + (f"/{page.slug}" if page.slug else ""))
        for page in pages.pages_of(g.creator.id)
    ]
    return form


def _has_page() -> bool:
    return pages.published(g.creator.id) is not None


def _where_over(row: links.TrackedLink) -> str:
    """Where a link leads once it is over, as the redirector decides it."""
    if row.fallback_url:
        return links.shown(row.fallback_url)
    if _has_page():
        return str(gettext("your page"))
    program = programs.programs_by_id([row.program_id]).get(row.program_id) if row.program_id else None
    return links.shown(program.landing_url) if program and program.landing_url else str(gettext("the front page of this site"))


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(ZoneInfo(zone())).replace(tzinfo=None)
