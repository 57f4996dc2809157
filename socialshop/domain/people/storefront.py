"""How a brand shows itself to buyers: name, contact, shipping, cash on delivery."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from ...kernel.database import session
from ...kernel.errors import N_, FieldError, Invalid
from .. import audit
from ..audit import Actor
from .banks import read_whatsapp
from .models import Brand
from .rules import clean_name, email_problem, normal_email, zone_problem

MOST_SHIPPING = 10**12


@dataclass(frozen=True, slots=True)
class Storefront:
    """What a brand may say of itself. shipping_minor: flat rate for one order, in the brand's currency."""

    name: str
    about: str = ""
    contact_email: str = ""
    whatsapp: str = ""
    timezone: str = "Asia/Jakarta"
    shipping_minor: int = 0
    cod: bool = False


def change_storefront(brand: Brand, asked: Storefront, *, actor: Actor, now: datetime) -> bool:
    """Take over what the brand says of itself; False where it said so already. Invalid names the fields.

    Programs keep the time zone they were made with: periods that have begun must not move.
    """
    found = _checked(asked)
    before = {key: getattr(brand, key) for key in asdict(found)}
    after = asdict(found)
    if before == after:
        return False
    for key, value in after.items():
        setattr(brand, key, value)
    session().flush()
    changed = sorted(key for key in after if after[key] != before[key])
    audit.note(
        "brand.changed", brand.public_id, actor=actor, tenant=brand.public_id, now=now,
        before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
    )  # fmt: skip
    return True


def _checked(asked: Storefront) -> Storefront:
    wrong: list[FieldError] = []
    name = clean_name(asked.name, 120)
    if len(name) < 2:
        wrong.append(FieldError("name", "missing", N_("Enter the brand's name.")))
    email = asked.contact_email.strip()
    if email and (problem := email_problem(email, "contact_email")):
        wrong.append(problem)
    whatsapp = read_whatsapp(asked.whatsapp)
    if isinstance(whatsapp, FieldError):
        wrong.append(whatsapp)
    if problem := zone_problem(asked.timezone):
        wrong.append(problem)
    if not 0 <= asked.shipping_minor <= MOST_SHIPPING:
        wrong.append(FieldError("shipping", "out_of_range", N_("This is not an amount of money.")))
    if wrong or isinstance(whatsapp, FieldError):
        raise Invalid(fields=wrong)
    about = "\n".join(clean_name(line, 2000) for line in asked.about.splitlines()).strip()[:2000]
    return Storefront(name, about, normal_email(email) or "", whatsapp, asked.timezone, asked.shipping_minor, asked.cod)
