"""The people of a program as they stand for orders of any time: read together, asked one by one by the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from ..domain import links, people, programs
from ..domain.terms import CreatorFacts
from ..kernel.errors import NotFound


class Crowd:
    """Whoever is asked about and their recruiters. Ids are our row ids as text. `expect` saves asking one by one."""

    def __init__(self, program_id: int) -> None:
        self.program_id = program_id
        self._never = programs.get(program_id).created_at
        self._emails: dict[int, str] = {}
        self._stays: dict[int, list[programs.Standing]] = {}
        self._codes: dict[int, tuple[str, ...]] = {}
        self._owners: dict[str, int | None] = {}
        self._steady: dict[int, CreatorFacts] = {}

    def expect(self, creators: Iterable[int] = (), codes: Iterable[str] = ()) -> None:
        """Read what may be asked about these creators and codes, and about whoever recruited them."""
        new = {links.folded(code) for code in codes} - set(self._owners)
        found = links.find_codes(new)
        for code in new:
            owner = found.get(code)
            self._owners[code] = owner.creator_id if owner is not None and owner.program_id == self.program_id else None
        wanted = set(creators) | {owner for owner in self._owners.values() if owner is not None}
        while missing := wanted - set(self._emails):
            self._read(missing)
            wanted = {stay.recruited_by for each in missing for stay in self._stays[each] if stay.recruited_by is not None}

    def at(self, at: datetime) -> Enrolled:
        """Who they were at that instant."""
        return Enrolled(self, at)

    def creator(self, creator_id: int, at: datetime) -> CreatorFacts:
        """One of them as they stood then; NotFound where there is no such creator."""
        if creator_id in self._steady:
            return self._steady[creator_id]
        if creator_id not in self._emails:
            self.expect([creator_id])
        stays = self._stays[creator_id]
        stay = programs.standing(stays, at, never=self._never)
        recruiter = stay.recruited_by  # whoever brought them into this stay; a later stay may have another one
        facts = CreatorFacts(
            str(creator_id), self._emails[creator_id], stay.groups, self._codes[creator_id],
            recruited_by=None if recruiter is None else str(recruiter), enrolled_at=stay.enrolled_at, left_at=stay.left_at,
        )  # fmt: skip
        if len(stays) < 2:  # the same at any time
            self._steady[creator_id] = facts
        return facts

    def owner_of(self, code: str, at: datetime) -> CreatorFacts | None:
        """The owner of a code of this program; a code of another program is unknown here."""
        folded = links.folded(code)
        if folded not in self._owners:
            self.expect(codes=[folded])
        owner = self._owners[folded]
        return None if owner is None else self.creator(owner, at)

    def _read(self, creators: set[int]) -> None:
        emails = people.creator_emails(creators)
        if creators - set(emails):
            raise NotFound()
        self._emails |= emails
        codes = links.codes_by_creator(self.program_id, creators)
        self._codes |= {each: tuple(sorted(codes.get(each, ()))) for each in creators}
        stays: dict[int, list[programs.Standing]] = defaultdict(list)
        for stay in programs.stays_by_creator(self.program_id, creators):
            if stay.enrolled_at is not None:
                stood = programs.Standing(tuple(stay.groups), stay.enrolled_at, stay.ended_at, stay.recruited_by_id)
                stays[stay.creator_id].append(stood)
        self._stays |= {each: stays[each] for each in creators}


class Enrolled:
    """A `terms.Creators` for orders of one instant."""

    def __init__(self, crowd: Crowd, at: datetime) -> None:
        self._crowd, self._at = crowd, at

    def creator(self, creator_id: str) -> CreatorFacts:
        """See `terms.Creators`."""
        return self._crowd.creator(int(creator_id), self._at)

    def owner_of(self, code: str) -> CreatorFacts | None:
        """See `terms.Creators`."""
        return self._crowd.owner_of(code, self._at)
