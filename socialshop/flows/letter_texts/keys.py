"""Letters about API keys: whoever owns them hears of each that is made or revoked."""

from ...kernel.errors import N_

TEXTS: dict[str, tuple[str, str]] = {
    "key_made": (
        N_("A new API key: {name}"),
        N_(
            "Hi,\n\nAn API key was made on {when}: {name} ({prefix}…). With it, programs can read your commissions, statements and "
            "payouts.\n\nIf that was not you or your team, revoke it at once: {base_url}{place}"
        ),
    ),
    "key_revoked": (
        N_("API key revoked: {name}"),
        N_(
            "Hi,\n\nThe API key {name} ({prefix}…) was revoked on {when} and opens nothing any more.\n\nYour keys: {base_url}{place}"
        ),
    ),
}
