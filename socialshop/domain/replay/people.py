"""Reading the creators of a program: one id and one code belong to one of them, and nobody recruits their own recruiter."""

from __future__ import annotations

from ..terms import CreatorFacts, Place, named


def read_creators(place: Place) -> dict[str, CreatorFacts]:
    """The creators of a scenario by id, or BadDocument."""
    creators: dict[str, CreatorFacts] = {}
    places: dict[str, Place] = {}
    owners: dict[str, str] = {}
    for item in place.items():
        creator = read_creator(item)
        item = named(item, "creator", creator.id)
        if creator.id in creators:
            raise Place(None, f"{item.path}.id").bad("was given to another creator")
        for code in creator.codes:
            if owners.setdefault(code.casefold(), creator.id) != creator.id:
                raise Place(None, f"{item.path}.codes").bad(f"{code!a} is a code of another creator")
        creators[creator.id], places[creator.id] = creator, item
    for creator in creators.values():
        if creator.recruited_by is not None and creator.recruited_by not in creators:
            raise Place(None, f"{places[creator.id].path}.recruited_by").bad(
                f"{creator.recruited_by!a} is not a creator that is listed"
            )
    _refuse_circles(creators, places)
    return creators


def read_creator(place: Place) -> CreatorFacts:
    """One creator, whose recruiter is not looked up."""
    found = place.object()
    if isinstance(found.get("id"), str):
        place = named(place, "creator", str(found["id"]))
    keys = place.keys(required=("id",), optional=("email", "groups", "codes", "recruited_by", "enrolled_at", "left_at"))
    return CreatorFacts(
        id=keys.at("id").text(),
        email=keys.maybe("email", Place.any_text, None),
        groups=keys.get("groups", _texts, ()),
        codes=keys.get("codes", _texts, ()),
        recruited_by=keys.maybe("recruited_by", Place.text, None),
        enrolled_at=keys.maybe("enrolled_at", Place.instant, None),
        left_at=keys.maybe("left_at", Place.instant, None),
    )


def _texts(place: Place) -> tuple[str, ...]:
    return tuple(item.text() for item in place.items())


def _refuse_circles(creators: dict[str, CreatorFacts], places: dict[str, Place]) -> None:
    """Walk up from everybody; who was walked before without a circle is not walked again."""
    safe: set[str] = set()
    for start in creators:
        walked: list[str] = []
        at: str | None = start
        while at is not None and at not in safe:
            if at in walked:
                raise Place(None, f"{places[at].path}.recruited_by").bad(f"{at!a} is in a circle of recruiters")
            walked.append(at)
            at = creators[at].recruited_by
        safe.update(walked)
