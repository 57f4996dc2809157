"""Where exchange rates come from."""

from .frankfurter import Frankfurter
from .source import Latest, RateSource

__all__ = ["Frankfurter", "Latest", "RateSource"]
