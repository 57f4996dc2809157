"""Two tenants and all that routes name: values for every parameter in the address of a route.

A new parameter? Add a line to PARAMETERS: its name (or "endpoint:name" where the same name means another thing there)
and a function that makes the thing, owned by creator A or brand A, and returns what stands in the address.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from socialshop.domain import (
    appeals,
    catalog,
    commissions,
    connections,
    links,
    orders,
    pages,
    payouts,
    people,
    programs,
    sending,
    social,
    trials,
    uploads,
)
from socialshop.domain.audit import SYSTEM
from socialshop.flows import appeal, bank_files, bank_results, dispute, judge, payout, ways
from socialshop.kernel import jobs
from socialshop.kernel.database import session
from socialshop.kernel.vault import fingerprint, new_token
from tests.builders import World
from tests.conftest import START

PROPOSAL = {
    "remote_id": "1", "number": "1", "currency": "IDR", "placed_at": "2026-06-01T03:00:00Z", "standing": "open", "discount": 0,
    "shipping": 0, "tax": 0, "was_paid": False, "paid_at": None, "click": "", "codes": [], "customer_id": "",
    "customer_new": None, "email": "", "buyer": {}, "stated": {}, "told_at": None,
    "lines": [
        {"key": "1", "title": "Kopi", "price": 1000, "quantity": 1, "discount": 0, "product_ref": "", "sku": ""},
    ],
}  # fmt: skip


_BY: dict[str, Any] = {"own_host": "localhost", "actor": SYSTEM, "now": START}


@dataclass
class Cast:
    """Who plays in the matrix, and what creator A and brand A own; everything is made when first asked for."""

    world: World
    made: dict[str, str] = field(default_factory=dict)

    @cached_property
    def creator_a(self) -> people.Creator:
        return self.world.creator("creator-aa")

    @cached_property
    def creator_b(self) -> people.Creator:
        return self.world.creator("creator-bb")

    @cached_property
    def brand_a(self) -> people.Brand:
        return self.world.brand("brand-aa", owner=self.user("owner_a"))

    @cached_property
    def brand_b(self) -> people.Brand:
        return self.world.brand("brand-bb", owner=self.user("owner_b"))

    @cached_property
    def product(self) -> catalog.Product:
        return self.world.product(self.brand_a)

    @cached_property
    def program(self) -> programs.Program:
        return self.world.program(self.brand_a)

    @cached_property
    def enrollment(self) -> programs.Enrollment:
        return self.world.enroll(self.program, self.creator_a)

    @cached_property
    def order(self) -> orders.Order:
        return self.world.order((self.product, 1))

    @cached_property
    def sale(self) -> orders.Order:
        """A paid order of brand A's with creator A's code, long past its hold."""
        then, world = START - timedelta(days=60), self.world
        program = world.program(self.brand_a, "Lama", from_at=then - timedelta(days=1))
        world.enroll(program, self.creator_a, at=then - timedelta(days=1))
        code = world.code(self.creator_a, program).code
        return world.order((self.product, 1), paid=True, code=code, now=then)

    @cached_property
    def commission(self) -> commissions.Commission:
        order, creator = self.sale, self.creator_a
        with self.world.app.app_context():
            found = commissions.find_of(order.id, creator.id)
            assert found is not None
            return found

    @cached_property
    def run(self) -> tuple[str, str]:
        """A payout run of brand A's, and its payout to creator A; the commission stays."""
        self.world.payee(self.creator_a)
        assert self.commission.id
        brand = self.brand_a
        with self.world.app.app_context():
            made = payout.start(brand.id, f"key-{brand.slug}", actor=SYSTEM, now=START)
            return made.public_id, payouts.of_run(made.id)[0].public_id

    @cached_property
    def appeal(self) -> appeals.Appeal:
        """An appeal of creator A's against a hold of brand A's, with a file, about a sale of its own."""
        then, world = START - timedelta(days=2), self.world
        program = world.program(self.brand_a, "Ragu", from_at=then)
        world.enroll(program, self.creator_a, at=then)
        order = world.order((self.product, 1), paid=True, code=world.code(self.creator_a, program).code)
        file = appeals.PaperDraft("pdf", "nota.pdf", b"%PDF-1.7 %%EOF", "0" * 64)
        with world.app.app_context():
            held = commissions.find_of(order.id, self.creator_a.id)
            assert held is not None
            judge.hold(held.id, key="key", reason="?", actor=SYSTEM, now=START)
            return appeal.open_(held.id, key="key", words="!", papers=[file], actor=SYSTEM, now=START)

    def paper(self) -> str:
        """The file of that appeal."""
        appeal_id = self.appeal.id
        with self.world.app.app_context():
            [(_, [file])] = appeals.thread_of(appeal_id)
            return file.public_id

    def dispute(self) -> str:
        """A payment of brand A's that the buyer disputes."""
        order = self.world.order((self.product, 1), paid=True)
        with self.world.app.app_context():
            return dispute.open_(order.id, key="key", reason="?", actor=SYSTEM, now=START).public_id

    def bank_map(self) -> str:
        """A layout of brand A's bank files."""

        def keep() -> payouts.BankMap:
            return payouts.keep_map(self.brand_a.id, "BCA", payouts.NEUTRAL, starter="neutral", now=START)

        return self.world._do(keep).public_id

    @cached_property
    def bank_file(self) -> str:
        """A file of brand A's payout run."""
        public_id = self.run[0]
        with self.world.app.app_context():
            run = payouts.run_of(self.brand_a.id, public_id)
            made = bank_files.make(run, bank_files.choice(run.brand_id, "neutral"), actor=SYSTEM, now=START)
            return made[0].public_id

    @cached_property
    def bank_result(self) -> str:
        """What brand A's bank answered about that file, not taken yet."""
        public_id = self.run[0]
        with self.world.app.app_context():
            run = payouts.run_of(self.brand_a.id, public_id)
            content = b"reference,result\n" + self.run[1].encode() + b",paid\n"
            return bank_results.upload(run, content, "hasil.csv", actor=SYSTEM, now=START)[0].public_id

    @cached_property
    def link(self) -> links.TrackedLink:
        return self.world.link(self.creator_a)

    @cached_property
    def code(self) -> links.ReferralCode:
        assert self.enrollment.id
        return self.world.code(self.creator_a, self.program)

    @cached_property
    def page(self) -> pages.Page:
        return self.world.page(self.creator_a, {"type": "heading", "text": "Hello"}, {"type": "text", "text": "Hi"})

    @cached_property
    def connection(self) -> connections.Connection:
        row = connections.Connection(
            brand_id=self.brand_a.id, provider="woocommerce", name="Toko", secret="s" * 32, created_at=START
        )
        return self.world._keep(row)

    @cached_property
    def payout_account(self) -> sending.PayoutAccount:
        channel = {"code": "ID_BCA", "name": "BCA", "kind": "bank", "currency": "IDR", "least": 10_000, "most": 250_000_000}
        row = sending.PayoutAccount(
            brand_id=self.brand_a.id, provider="xendit", api_key="x" * 32, key_end="xxxx", token="t" * 32, channels=[channel],
            chosen={"BCA": "ID_BCA"}, connected_at=START, checked_at=START,
        )  # fmt: skip
        return self.world._keep(row)

    @cached_property
    def event(self) -> connections.InboundEvent:
        row = connections.InboundEvent(
            connection_id=self.connection.id, event_key="1", topic="order.created", body=b"{}", received_at=START,
            state="quarantined", why="test",
        )  # fmt: skip
        return self.world._keep(row)

    @cached_property
    def review(self) -> connections.Review:
        row = connections.Review(
            brand_id=self.brand_a.id,
            connection_id=self.connection.id,
            event_id=self.event.id,
            remote_order_id="1",
            reasons=[],
            proposal=PROPOSAL,
            opened_at=START,
        )
        return self.world._keep(row)

    def user(self, name: str, **facts: Any) -> people.User:
        """The account of one persona."""
        key = f"user:{name}"
        if key not in self.made:
            self.made[key] = self.world.user(f"{name.replace('_', '-')}@example.test", **facts).public_id
        with self.world.app.app_context():
            found = people.find_user(self.made[key])
            assert found is not None
            return found

    def draft(self) -> str:
        """A post that creator A has begun."""
        return self.world._do(lambda: social.keep_draft(self.creator_a.id, {}, now=START)).public_id

    def member(self) -> str:
        """A manager of brand A who is nobody else in the play."""
        return self.world.member(self.brand_a, self.user("extra"), "manager").public_id

    def invitation(self) -> str:
        row = people.Invitation(
            brand_id=self.brand_a.id, email="invited@example.test", role="viewer", invited_by=self.user("owner_a").id,
            created_at=START, expires_at=START.replace(year=2027),
        )  # fmt: skip
        return self.world._keep(row).public_id

    @cached_property
    def trial(self) -> trials.Trial:
        """Draft terms of brand A's program that were tried, with one difference."""
        done = trials.Summary().document()
        row = trials.Trial(
            program_id=self.program.id, terms={"rules": []}, against="promised", source="past", state="done", asked_by="usr_test",
            asked_at=START, done_at=START, result=done,
        )  # fmt: skip
        kept = self.world._keep(row)
        order = {"code": None, "channel": None, "discount": 0, "shipping": 0, "tax": 0, "refunded": 0, "lines": []}
        side = {"amount": 0, "overrides": [], "reason": "no_rule", "lines": []}
        detail = zlib.compress(json.dumps({"order": order, "before": side, "after": side}).encode())
        self.world._keep(
            trials.TrialDifference(
                trial_id=kept.id, place=1, order_ref="A", order_at=START, creator="1", currency="IDR", before_minor=0,
                after_minor=1, size_minor=1, detail=detail,
            )
        )  # fmt: skip
        return kept

    @cached_property
    def sent(self) -> uploads.Upload:
        """A picture that creator A sent for posts."""
        sha256, folder = "5e" * 32, self.world.app.config["SETTINGS"].post_media_folder
        for place in (social.files.path_of(sha256, folder), social.files.thumb_of(sha256, folder)):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"a picture")
        return self.world._keep(
            uploads.Upload(
                creator_id=self.creator_a.id, name="kopi.jpg", size=9, received=9, kind="image", media_type="image/jpeg",
                sha256=sha256, kept=9, width=1080, height=1350, state="ready", created_at=START, updated_at=START,
            )
        )  # fmt: skip

    def shot(self) -> str:
        """The same in a post."""
        facts = social.MediaFacts("image", "image/jpeg", 9, self.sent.sha256, 1080, 1350)

        def compose() -> str:
            post, _ = social.compose(
                self.creator_a.id, kind="image", caption="", title="", promotes="nothing", media=[facts], targets=[],
                publish_at=START, now=START,
            )  # fmt: skip
            return social.media_of(post.id)[0].public_id

        return self.world._do(compose)

    @cached_property
    def post(self) -> social.Post:
        """A post of creator A's that nobody can say what became of, on the channel above."""
        channel, creator_id = self.made.get("channel") or self.channel(), self.creator_a.id

        def plan() -> social.Post:
            to = social.TargetFacts(social.channel_of(creator_id, channel).id)
            post, [target] = social.compose(
                creator_id, kind="video", caption="Kopi", title="", promotes="nothing", media=[], targets=[to],
                publish_at=START, now=START,
            )  # fmt: skip
            social.note(target.id, state="unknown", why="no_name", next_at=None)
            return post

        return self.world._do(plan)

    def target(self) -> str:
        """That post on its channel."""
        post_id = self.post.id
        with self.world.app.app_context():
            [found] = social.targets_of(post_id)
            return found.public_id

    def session(self) -> str:
        """A signed-in browser of creator A's."""
        row = people.LoginSession(
            user_id=self.creator_a.user_id, token_hash=fingerprint(new_token()), created_at=START, seen_at=START, proved_at=START,
            expires_at=START.replace(year=2027),
        )  # fmt: skip
        return self.world._keep(row).public_id

    def job(self) -> str:
        row = jobs.Job(key=new_token(), name="letter.send", payload={}, run_at=START, created_at=START, state="dead")
        return str(self.world._keep(row).id)

    def api_key(self, holder: people.KeyHolder) -> str:
        made_by = self.user("owner_a").id
        facts = {"name": "Books", "scopes": ["read:money"], "form_key": new_token(), "made_by": made_by, "now": START}
        return self.world._do(lambda: people.make_key(holder, **facts)[0]).public_id

    def account(self) -> str:
        return self.world.bank(self.brand_a).public_id

    def variant(self) -> str:
        return self.world.variant_of(self.product).public_id

    def upload(self) -> str:
        """A catalogue that brand A looks at before it is imported."""

        def read() -> catalog.CatalogImport:
            sheet = catalog.read_sheet(b"title,price,stock\nTeh,10000,5\n", "IDR")
            return catalog.preview_import(self.brand_a.id, "IDR", "teh.csv", sheet, now=START)

        return self.world._do(read).public_id

    def version(self) -> str:
        """Announced terms of brand A's program, which may still be withdrawn."""
        terms = programs.Answers(percent="20").document("IDR")
        return self.world.version(self.program, terms, from_at=START + timedelta(days=30), number=2).public_id

    def rule(self) -> str:
        """A rule of that link's."""
        given = {"devices": ["phone"], "url": "https://phone.example/"}
        return self._put(lambda link: ways.put_rule(link.creator_id, link.public_id, given, **_BY), "rules")

    def store(self) -> str:
        """A shop of that link's."""
        given = {"kind": "shopee", "url": "https://shopee.co.id/kopi"}
        return self._put(lambda link: ways.put_store(link.creator_id, link.public_id, given, **_BY), "stores")

    def _put(self, put: Callable[[links.TrackedLink], None], name: str) -> str:
        link = self.link
        with self.world.app.app_context():
            put(link)
            return str(links.routes.of(links.link_of(link.creator_id, link.public_id).routes)[name][-1]["word"])

    def channel(self) -> str:
        """An account that creator A connected."""
        who = {"account_id": new_token()[:40], "scoped_id": "", "username": "a", "name": "A"}
        token = social.TokenFacts("access", "refresh", frozenset({"video.publish"}), START, None, None, None)
        creator_id = self.creator_a.id

        def keep() -> social.Channel:
            return social.connect(creator_id, provider="tiktok", via="tiktok", **who, token=token, now=START)

        return self.world._do(keep).public_id

    def order_token(self) -> str:
        with self.world.app.app_context():
            return str(session().get_one(orders.Order, self.order.id).token)


SHARED = ("share_product", "share_product_story", "share_product_picture")  # of a program that the creator is in
PARAMETERS: dict[str, Callable[[Cast], str]] = {
    "account": Cast.account,
    "appeal": lambda cast: cast.appeal.public_id,
    "bank_file": lambda cast: cast.bank_file,
    "bank_map": Cast.bank_map,
    "bank_result": lambda cast: cast.bank_result,
    "block": lambda cast: "b001" if cast.page else "",
    "brand": lambda cast: cast.brand_a.slug,
    "channel": Cast.channel,
    "code": lambda cast: cast.code.public_id,
    "commission": lambda cast: cast.commission.public_id,
    "connection": lambda cast: cast.connection.public_id,
    "creator": lambda cast: cast.creator_a.public_id if cast.commission else "",
    "month": lambda cast: f"{cast.commission.accrued_at:%Y-%m}",
    "draft": Cast.draft,
    "dispute": Cast.dispute,
    "digest": lambda _: "0",
    "enrollment": lambda cast: cast.enrollment.public_id,
    "erasure": lambda _: "ers_none",
    "event": lambda cast: cast.event.public_id,
    "filename": lambda _: "img/mark.svg",
    "handle": lambda cast: cast.creator_a.handle if cast.page else "",
    "invitation": Cast.invitation,
    "invite": lambda cast: cast.enrollment.public_id,
    "job": Cast.job,
    "key": lambda cast: cast.api_key(people.KeyHolder(creator=cast.creator_a)),
    "brand.settings_key_revoked:key": lambda cast: cast.api_key(people.KeyHolder(brand=cast.brand_a)),
    "link": lambda cast: cast.link.public_id,
    "member": Cast.member,
    "item": lambda _: "pmd_none",
    "mark": lambda _: "no-such-mark",
    "until": lambda _: "1",
    "name": lambda _: "w.webp",
    "number": lambda _: "1",
    "order": lambda cast: cast.order.public_id,
    "creator.earning_order:order": lambda cast: cast.sale.public_id,
    "brand.commission_order:order": lambda cast: cast.sale.public_id if cast.commission else "",
    "v1.list_receipts:order": lambda cast: cast.sale.public_id if cast.commission else "",
    "page": lambda cast: cast.page.public_id,
    "paper": Cast.paper,
    "payout_id": lambda cast: cast.run[1],
    "payout": lambda cast: cast.run[1],
    "payout_account": lambda cast: cast.payout_account.public_id,
    "picture": lambda _: "pic_none",
    "brand.product_price:product": lambda cast: cast.world.product(cast.brand_a, source_url="http://127.0.0.1:9/kopi").public_id,
    "product": lambda cast: cast.product.public_id,
    **{f"creator.{name}:product": lambda cast: cast.product.public_id if cast.enrollment else "" for name in SHARED},
    "post": lambda cast: cast.post.public_id,
    "program": lambda cast: cast.program.public_id,
    "review": lambda cast: cast.review.public_id,
    "run": lambda cast: cast.run[0],
    "way": Cast.rule,
    "store": Cast.store,
    "sent": lambda cast: cast.sent.public_id,
    "creator.post_file:item": Cast.shot,
    "creator.post_thumb:item": Cast.shot,
    "session": Cast.session,
    "shop.ways:slug": lambda cast: cast.link.slug,
    "shop.ways_open:slug": lambda cast: cast.link.slug,
    "shop.follow:slug": lambda _: "no-such-link",  # those that are there are answered before the app
    "shop.page_more:slug": lambda _: "no-such-page",
    "target": Cast.target,
    "token": lambda _: "no-such-token",
    "shop.order:token": Cast.order_token,
    "upload": Cast.upload,
    "trial": lambda cast: cast.trial.public_id,
    "place": lambda cast: "1" if cast.trial else "",
    "user": lambda cast: cast.user("somebody").public_id,
    "variant": Cast.variant,
    "version": Cast.version,
}
