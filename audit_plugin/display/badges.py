"""The badge of an action: a colour's role, a text and a sign, so that colour is never the only signal."""

from __future__ import annotations

from dataclasses import dataclass

from audit_plugin.display.labels import action_label


@dataclass(frozen=True)
class Badge:
    """A badge.

    Attributes:
        modifier: The end of the CSS class: `create`, `update`, `delete`, `restore` or `other`.
        label: What it says.
        glyph: A sign before it.
    """

    modifier: str
    label: str
    glyph: str


BADGES = {
    "create": ("create", "+"),
    "update": ("update", "~"),
    "delete": ("delete", "\N{MINUS SIGN}"),
    "restore": ("restore", "↺"),
    "truncate": ("delete", "∅"),
}


def badge(action: str) -> Badge:
    """Return the badge of an action."""
    modifier, glyph = BADGES.get(action, ("other", "•"))
    return Badge(modifier, action_label(action), glyph)
