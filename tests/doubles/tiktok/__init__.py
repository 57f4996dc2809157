"""TikTok on this machine: section E2 of social-apis.md. `with TikTokDouble() as tiktok:` gives `.url`."""

from .double import TikTokDouble
from .world import Creator, Post, Switches

__all__ = ["Creator", "Post", "Switches", "TikTokDouble"]
