"""Instagram on this machine, by both logins: section E1 of social-apis.md. `with InstagramDouble() as instagram:` gives `.url`."""

from .double import InstagramDouble
from .world import Account, Post, Switches

__all__ = ["Account", "InstagramDouble", "Post", "Switches"]
