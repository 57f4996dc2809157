"""Dates and times as people pick them on their own clock."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from wtforms.fields.datetime import DateTimeLocalField

FIRST_YEAR, LAST_YEAR = 1970, 9998  # a day inside of what can be written, so that every zone can show it


class MomentField(DateTimeLocalField):
    """A date and time on the viewer's clock, refused where another clock could not show it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            raise ValueError(gettext("Choose a date and a time."))
