"""How a page may look: a handful of palettes, each for day and night, and one accent the creator picks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...kernel.errors import N_, FieldError, Invalid
from . import colours


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one light: ground, cards on it, text, quiet text, hairlines."""

    ground: str
    glow: str  # a second ground colour that the first fades into at the top
    card: str
    ink: str
    soft: str
    line: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A look with a name."""

    key: str
    name: str
    day: Palette
    night: Palette
    accent: str
    corner: int  # of cards, in px


_NIGHT = Palette("#101114", "#1b1d24", "#1c1e24", "#f4f4f6", "#a9acb8", "#2f323b")

PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "sand", N_("Sand"),
            Palette("#faf6ef", "#f3e8d6", "#ffffff", "#2b2219", "#6f6353", "#eadfce"),
            Palette("#17130e", "#241d14", "#221c15", "#f7f1e7", "#b9ad9b", "#372e22"),
            "#a8481c", 20,
        ),
        Preset(
            "mist", N_("Mist"),
            Palette("#f5f7fa", "#e6ecf5", "#ffffff", "#161a22", "#586070", "#e0e5ee"),
            Palette("#0e1218", "#161d29", "#181e28", "#eef2f8", "#a2acbd", "#2a3342"),
            "#2456d6", 16,
        ),
        Preset(
            "blush", N_("Blush"),
            Palette("#fff5f6", "#ffe1e7", "#ffffff", "#2d1620", "#7a5563", "#f6dbe2"),
            Palette("#190f13", "#2b1720", "#24161c", "#fdeef2", "#c9a5b1", "#3d2630"),
            "#c2185b", 26,
        ),
        Preset(
            "leaf", N_("Leaf"),
            Palette("#f3f8f1", "#dcecd6", "#ffffff", "#14231a", "#4f6355", "#d8e5d3"),
            Palette("#0c140f", "#14231a", "#152019", "#edf6ee", "#9fb5a5", "#26362b"),
            "#1c6b3f", 14,
        ),
        Preset(
            "dusk", N_("Dusk"),
            Palette("#f7f4ff", "#e4dcff", "#ffffff", "#1f1836", "#625a7d", "#e3dcf5"),
            Palette("#110d1f", "#221a3d", "#1d1731", "#f3efff", "#b3a9d1", "#332a52"),
            "#6a37d4", 22,
        ),
        Preset("night", N_("Night"), _NIGHT, _NIGHT, "#ffb454", 18),
    )
}  # fmt: skip
DEFAULT = "sand"


class Unreadable(Invalid):
    """An accent that cannot be read on this look; `offered` can."""

    code = "unreadable"
    message = N_("{accent} is hard to read on this look. {offered} is the nearest colour that works.")

    def __init__(self, accent: str, offered: str) -> None:
        self.accent, self.offered = accent, offered
        super().__init__(fields=[FieldError("accent", self.code, self.message)])


def clean(theme: Mapping[str, Any]) -> dict[str, str]:
    """A theme as it is kept; Invalid for an unknown look or colour, Unreadable (with an offer) for a poor contrast."""
    preset = PRESETS.get(str(theme.get("preset", "")))
    if preset is None:
        raise Invalid(fields=[FieldError("preset", "unknown", N_("Choose one of the looks."))])
    accent = colours.clean(str(theme.get("accent") or preset.accent))
    if accent is None:
        raise Invalid(fields=[FieldError("accent", "not_a_colour", N_("Write a colour like #a8481c."))])
    offered = accent_for(accent, preset.day)
    if offered != accent:
        raise Unreadable(accent, offered)
    return {"preset": preset.key, "accent": accent}


def accent_for(accent: str, palette: Palette) -> str:
    """The accent itself, or the nearest colour whose text can be read on this palette's grounds."""
    return colours.nearest_readable(accent, palette.ground, palette.glow, palette.card)


@lru_cache(maxsize=512)
def variables(preset_key: str, accent: str, root: str = ":root") -> str:
    """The CSS variables of a theme, for day and night. Only our palettes and checked hex colours get in."""
    preset = PRESETS.get(preset_key, PRESETS[DEFAULT])
    chosen = colours.clean(accent) or preset.accent
    day, night = _block(preset, preset.day, chosen), _block(preset, preset.night, chosen)
    if preset.day == preset.night:
        return f"{root}{{color-scheme:dark;{day}}}"
    return f"{root}{{color-scheme:light dark;{day}}}@media(prefers-color-scheme:dark){{{root}{{{night}}}}}"


def _block(preset: Preset, palette: Palette, accent: str) -> str:
    accent = accent_for(accent, palette)
    return (
        f"--ground:{palette.ground};--glow:{palette.glow};--card:{palette.card};--ink:{palette.ink};--soft:{palette.soft};"
        f"--line:{palette.line};--accent:{accent};--on:{colours.ink_on(accent)};--corner:{preset.corner}px"
    )
