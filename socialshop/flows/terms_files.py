"""Terms as files: creators are called by their handles there, since our row ids mean nothing outside.

{"when": {"creator": ["@rani"]}}   in the file   ↔   {"when": {"creator": ["17"]}}   for the engine
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ..domain import catalog, people, programs, replay, terms


def exported(program: programs.Program, document: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as they go into a file: every choice spelled out by the reader's defaults, creators by handle."""
    names = {creator_id: f"@{handle}" for creator_id, handle in handles_of(program.id).items()}
    return _renamed(terms.to_document(terms.read(document)), lambda text, _place: names.get(text, text))


def imported(program: programs.Program, content: bytes) -> dict[str, Any]:
    """Terms from a file, read as strictly as the engine reads them; BadDocument names the place and the reason."""
    document = replay.read_json(content)
    ids = {f"@{handle}": creator_id for creator_id, handle in handles_of(program.id).items()}

    def own(text: str, place: terms.Place) -> str:
        found = ids.get(text.strip().lower())
        if found is None and text not in ids.values():
            raise place.bad(f"{text!a} is not a creator of this program (write @handle)")
        return found or text

    terms.read(document)
    assert isinstance(document, dict)
    renamed = _renamed(document, own)
    terms.read(renamed)
    return renamed


def handles_of(program_id: int) -> dict[str, str]:
    """The handles of everybody who is or was in the program, by the id that terms use."""
    ids = {stay.creator_id for stay in programs.enrollments_of_program(program_id) if stay.enrolled_at is not None}
    return {str(creator.id): creator.handle for creator in people.creators_by_id(ids).values()}


def names_for(program: programs.Program, *documents: Mapping[str, Any]) -> dict[str, str]:
    """What people call the creators and products that terms name: id → "@rani", "Kopi Senja 250 g"."""
    names = {creator_id: f"@{handle}" for creator_id, handle in handles_of(program.id).items()}
    wanted = {
        text
        for document in documents
        for rule in document.get("rules", [])
        for text in _listed(rule.get("when", {}).get("product", []))
    }
    return names | product_names(program.brand_id, wanted)


def product_names(brand_id: int, refs: set[str]) -> dict[str, str]:
    """Titles of the brand's own products among these; a store's own ids stay what they are."""
    found = {}
    for ref in refs:
        product = catalog.find_product(ref) if ref.startswith("prd_") else None
        if product is not None and product.brand_id == brand_id:
            found[ref] = product.title
    return found


def _renamed(document: Mapping[str, Any], name: Callable[[str, terms.Place], str]) -> dict[str, Any]:
    """A copy whose rules name creators otherwise."""
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    for i, rule in enumerate(changed.get("rules", [])):
        when = rule.get("when", {})
        if "creator" in when:
            path = f'terms.rules[{i}] (rule "{rule["id"]}").when.creator'
            when["creator"] = [name(text, terms.Place(text, path)) for text in _listed(when["creator"])]
    return changed


def _listed(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else list(values)
