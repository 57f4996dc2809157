"""The main job, tapped through by its people: brand, creator, visitor on a phone. Each step is a method that can be run alone."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.browser.conftest import DESK, PHONE
from tests.running import Install

PASSWORD = "teras rumah nenek di Sleman"
PRODUCTS_CSV = """title,variant,sku,price,stock,category,description
Kopi Senja Gayo,Biji utuh,GAYO-B,89000,20,Kopi,Arabika Gayo
Kopi Senja Gayo,Giling,GAYO-G,89000,20,Kopi,Arabika Gayo
Mug Teras,,MUG,149000,5,Peralatan,Keramik 300 ml
"""


@dataclass
class Person:
    """Somebody with a browser of their own."""

    page: Any
    url: str

    def go(self, path: str) -> Any:
        answer = None
        for _ in range(5):  # a page that shows itself anew at this very moment (an order, a post) leaves no answer to look at
            try:
                answer = self.page.goto(self.url + path)
            except Exception as error:
                if "interrupted by another navigation" not in str(error):
                    raise
            if answer is not None:
                break
        assert answer is not None, f"{path} was never answered"
        assert answer.status < 400, f"{path}: {answer.status}\n{self.page.inner_text('body')[:600]}"
        return self.page

    def tap(self, name: str | re.Pattern[str], role: str = "button", *, to: str = "") -> None:
        """Tap a button or link; `to` is a part of the address it leads to."""
        self.page.get_by_role(role, name=name).first.click()
        if to:
            self.arrives(to)
        self.page.wait_for_load_state()

    def arrives(self, part: str) -> None:
        """Wait until the address has this part; else say what the page says instead."""
        try:
            self.page.wait_for_url(lambda url: part in url)
        except Exception as late:
            raise AssertionError(f"still at {self.page.url}, not at {part}:\n{self.page.inner_text('body')[:2500]}") from late

    def fill(self, **fields: str) -> None:
        """By the field's name."""
        for name, text in fields.items():
            self.page.locator(f"input[name={name}], textarea[name={name}]").first.fill(text)

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"input[name={name}][value={value}]").check()

    def text(self) -> str:
        return str(self.page.inner_text("body"))

    def sees(self, text: str | re.Pattern[str]) -> None:
        body = self.text()
        found = text.search(body) if isinstance(text, re.Pattern) else text in body
        assert found, f"{text!r} is not on {self.page.url}:\n{body[:2500]}"


@dataclass
class Journey:
    """The cast and what they have made so far."""

    install: Install
    chromium: Any
    patience: float = 30_000  # milliseconds
    facts: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def up_to_the_commission(self) -> list[Callable[[], None]]:
        """The steps from an empty install to a pending commission, in order."""
        return [
            self.brand_signs_up,
            self.brand_sets_up_shop,
            self.brand_brings_products,
            self.brand_sets_program,
            self.creator_signs_up,
            self.creator_applies,
            self.brand_approves,
            self.creator_states_payee,
            self.creator_makes_code,
            self.creator_publishes_page,
            self.visitor_buys,
            self.brand_confirms,
            self.creator_reads_receipt,
        ]

    def person(self, name: str, *, phone: bool = False) -> Person:
        if name not in self.people:
            context = self.chromium.new_context(**(PHONE if phone else DESK), locale="en-GB")
            context.set_default_timeout(self.patience)
            page = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            self.people[name] = Person(page, self.install.url)
            self.people[name].go("/?lang=en")
        return self.people[name]

    def letter(self, to: str, about: str, *, seconds: float = 20) -> str:
        """The newest letter to somebody whose subject has these words."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for path in sorted(self.install.mails.glob("*"), key=lambda p: p.stat().st_mtime, reverse=True):
                text = path.read_text(errors="replace")
                if f"To: {to}" in text and re.search(rf"^Subject: .*{about}", text, re.MULTILINE | re.IGNORECASE):
                    return text
            time.sleep(0.2)
        raise AssertionError(f"no letter to {to} about {about!r}")

    def follow_link_in(self, letter: str, who: Person) -> None:
        link = re.search(r"https?://\S+", letter.replace("=\n", "").replace("=3D", "="))
        assert link, letter
        who.go(re.sub(r"^https?://[^/]+", "", link.group().rstrip(".,)")))

    def signed_in(self, who: Person) -> bool:
        who.go("/auth/start")
        return "/auth/sign-in" not in who.page.url

    def signs_up(self, who: Person, kind: str, email: str, **hat: str) -> None:
        if self.signed_in(who):
            return
        who.go(f"/auth/sign-up?as={kind}")
        who.choose("kind", kind)
        who.fill(email=email, password=PASSWORD, **hat)
        who.tap("Sign up", to=f"/{kind}")

    def confirms_address(self, who: Person, email: str) -> None:
        who.go("/auth/account")
        if "not confirmed" not in who.text():
            return
        self.follow_link_in(self.letter(email, "confirm"), who)
        button = who.page.get_by_role("button", name=re.compile("confirm|yes", re.IGNORECASE))
        if button.count():
            button.first.click()
            who.page.wait_for_load_state()
        who.go("/auth/account")
        assert "not confirmed" not in who.text()

    # Every step looks first whether it is done, as people do who are not sure whether their last tap got through.

    # --- the brand -----------------------------------------------------------------------------

    def brand_signs_up(self) -> None:
        brand = self.person("brand")
        self.signs_up(brand, "brand", "sekar@senja.test", brand_name="Kopi Senja")
        brand.go("/auth/start")
        slug = re.search(r"/brand/[a-z0-9-]+", brand.page.content())
        assert slug, brand.page.inner_text("body")
        self.facts["brand"] = slug.group()
        self.confirms_address(brand, "sekar@senja.test")

    def brand_sets_up_shop(self) -> None:
        brand, home = self.person("brand"), self.facts["brand"]
        brand.go(f"{home}/settings/accounts")
        if "8690123456" not in brand.text():
            brand.go(f"{home}/settings/accounts/new")
            brand.page.locator("select[name=provider]").select_option("BCA")
            brand.fill(number="8690123456", holder="PT Kopi Senja")
            brand.tap("Show it to buyers", to="/settings/accounts")
        brand.go(f"{home}/settings")
        brand.fill(shipping="15000")
        brand.tap("Save")
        brand.go(f"{home}/settings/accounts")
        brand.sees("8690123456")

    def brand_brings_products(self) -> None:
        brand, home = self.person("brand"), self.facts["brand"]
        brand.go(f"{home}/products")
        if "Mug Teras" not in brand.text():
            brand.go(f"{home}/products/import")
            files = {"name": "produk.csv", "mimeType": "text/csv", "buffer": PRODUCTS_CSV.encode()}
            brand.page.set_input_files("input[type=file]", files)
            brand.tap("Show me what it would change", to="/products/import/")
            brand.sees("Mug Teras")
            brand.tap("Import exactly this")
            brand.go(f"{home}/products")
        brand.sees("Kopi Senja Gayo")
        brand.sees("Rp149.000")

    def brand_sets_program(self) -> None:
        brand, home = self.person("brand"), self.facts["brand"]
        brand.go(f"{home}/programs")
        if "Teman Senja" not in brand.text():
            brand.go(f"{home}/programs/new")
            brand.fill(name="Teman Senja", about="Ceritakan kopimu.", percent="12.5", window_days="30", hold_days="14")
            brand.choose("joining", "approval")
            brand.tap("Read the terms back", to="/review")
        else:
            brand.tap("Teman Senja", "link", to="/prg_")
        if brand.page.url.endswith("/review"):  # a draft: the list leads straight to its reading back
            brand.sees("12.5")
            brand.sees("14 days")
            brand.tap("Publish")
            brand.go(f"{home}/programs")
            brand.tap("Teman Senja", "link", to="/prg_")
        assert not brand.page.url.endswith("/review"), "the program is still a draft"

    # --- the creator ---------------------------------------------------------------------------

    def creator_signs_up(self) -> None:
        creator = self.person("creator", phone=True)
        self.signs_up(creator, "creator", "rani@kreator.test", handle="rani-seduh")
        self.confirms_address(creator, "rani@kreator.test")

    def creator_applies(self) -> None:
        creator = self.person("creator", phone=True)
        creator.go("/creator/programs")
        creator.tap("Teman Senja", "link", to="/programs/prg_")
        if creator.page.get_by_role("button", name="Send the application").count():
            creator.fill(note="Aku ngopi tiap pagi.")
            creator.tap("Send the application")
        creator.sees(re.compile("Your application is with Kopi Senja|In the program since"))

    def brand_approves(self) -> None:
        brand = self.person("brand")
        brand.go(f"{self.facts['brand']}/creators?shelf=all")
        brand.page.locator("a[href*='/creators/enr_']").first.click()
        brand.arrives("/creators/enr_")
        brand.sees("@rani-seduh")
        if brand.page.get_by_role("button", name="Approve").count():
            brand.tap("Approve")
        self.letter("rani@kreator.test", "Teman Senja", seconds=90)

    def creator_states_payee(self) -> None:
        creator = self.person("creator", phone=True)
        creator.go("/creator/payee")
        if "5123" in creator.text():
            return
        creator.go("/creator/payee/change")
        if creator.page.locator("input[type=password]").count():
            creator.page.locator("input[type=password]").fill(PASSWORD)
            creator.page.locator("input[type=password]").press("Enter")
            creator.arrives("/creator/payee/change")
        option = creator.page.locator("select[name=provider] option", has_text="BCA").first.get_attribute("value")
        creator.page.locator("select[name=provider]").select_option(option)
        creator.fill(number="2740055123", holder="Rani Puspita")
        creator.tap("Save")
        creator.go("/creator/payee")
        creator.sees("5123")

    def creator_makes_code(self) -> None:
        creator = self.person("creator", phone=True)
        creator.go("/creator/codes")
        if "RANI10" not in creator.text():
            creator.fill(code="rani10")
            creator.tap("Make code")
            creator.go("/creator/codes")
        creator.sees("RANI10")

    def creator_publishes_page(self) -> None:
        creator = self.person("creator", phone=True)
        creator.go("/creator/")
        if creator.page.get_by_role("button", name="See my page").count():
            creator.tap("See my page")
        creator.go("/creator/page")
        if "Mug Teras" not in creator.text():
            creator.page.locator("a[href$='/blocks/new/product']").click()
            creator.arrives("/blocks/new/product")
            creator.page.locator("label.pick", has_text="Mug Teras").click()
            creator.tap(re.compile("^(Save|Add|Put)"))
            creator.go("/creator/page")
        publish = creator.page.get_by_role("button", name="Publish", exact=True)
        if publish.is_enabled():
            publish.click()
            creator.page.wait_for_load_state()
        creator.go("/@rani-seduh")
        creator.sees("Mug Teras")

    # --- the visitor ---------------------------------------------------------------------------

    def visitor_buys(self) -> None:
        visitor = self.person("visitor", phone=True)
        visitor.go("/@rani-seduh")
        visitor.page.locator("a[href^='/l/']").first.click()
        visitor.arrives("/p/")
        visitor.tap("Buy", to="/checkout")
        visitor.fill(
            name="Ayu Lestari",
            phone="081234567890",
            email="ayu@example.com",
            address="Jl. Kenanga 12, Sleman, Yogyakarta 55281",
            code="rani10",
        )
        visitor.page.locator("input[type=radio][value=transfer]").check()
        visitor.tap("Place the order", to="/o/")
        visitor.sees("8690123456")
        self.facts["order"] = visitor.page.url.removeprefix(self.install.url)

    def acknowledged_orders(self) -> set[str]:
        """The numbers of the orders whose page the visitor has seen."""
        visitor = self.person("visitor", phone=True)
        visitor.go(self.facts["order"])
        return set(re.findall(r"SS-[0-9A-Z-]+", visitor.text()))

    def orders_of_the_brand(self) -> set[str]:
        brand = self.person("brand")
        brand.go(f"{self.facts['brand']}/orders?shelf=all")
        return set(re.findall(r"SS-[0-9A-Z-]+", brand.text()))

    def brand_confirms(self) -> None:
        brand = self.person("brand")
        if "brand order" not in self.facts:
            brand.go(f"{self.facts['brand']}/orders")
            brand.page.locator("a[href*='/orders/ord_']").first.click()
            brand.arrives("/orders/ord_")
            self.facts["brand order"] = brand.page.url.removeprefix(self.install.url)
        brand.go(self.facts["brand order"])
        if brand.page.get_by_role("button", name=re.compile("has arrived")).count():
            brand.tap(re.compile("has arrived"))
            brand.go(self.facts["brand order"])
        brand.sees("Ayu Lestari")
        assert not brand.page.get_by_role("button", name=re.compile("has arrived")).count()

    def creator_reads_receipt(self) -> None:
        creator = self.person("creator", phone=True)
        creator.go("/creator/earnings")
        creator.sees("Rp18.625")
        creator.page.locator("a[href*='/creator/earnings/com_']").first.click()
        creator.arrives("/earnings/com_")
        creator.sees("Rp149.000")
        creator.sees("12.5")
        creator.sees("Rp18.625")

    # --- money ---------------------------------------------------------------------------------

    def days_pass(self, days: int) -> None:
        self.install.clock(f"+{days}d")

    def sign_in_again(self, name: str, email: str) -> None:
        """After the clock has moved far, a session may have ended."""
        person = self.person(name)
        if not self.signed_in(person):
            person.fill(email=email, password=PASSWORD)
            person.page.locator("input[name=password]").press("Enter")
            person.page.wait_for_url(lambda url: "sign-in" not in url)

    def brand_pays_out(self) -> list[dict[str, str]]:
        """Start a run, take the file for the bank, confirm; the file's rows."""
        brand = self.person("brand")
        brand.go(f"{self.facts['brand']}/payouts")
        runs = brand.page.locator("a[href*='/payouts/run_']")
        if runs.count():
            runs.first.click()
            brand.arrives("/payouts/run_")
        else:
            brand.sees("Rp18.625")
            brand.tap("Start a payout run", to="/payouts/run_")
        make = brand.page.get_by_role("button", name="Make the file")
        if make.count():
            make.click()
            brand.page.wait_for_load_state()
        with brand.page.expect_download() as download:
            brand.page.get_by_role("button", name="Download").first.click()
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
        otherwise = brand.page.get_by_text("Or confirm without a file")
        if otherwise.count():
            otherwise.click()
            brand.tap(re.compile("transfers? went through"))
        return rows

    def brand_refunds_part(self, amount: str) -> None:
        brand = self.person("brand")
        brand.go(self.facts["brand order"])
        if "Gagangnya retak" in brand.text():
            return
        brand.go(self.facts["brand order"] + "/refunds")
        brand.choose("how", "amount")
        brand.fill(amount=amount, reason="Gagangnya retak")
        brand.tap("Book the refund")
        brand.go(self.facts["brand order"])
        brand.sees("Gagangnya retak")
