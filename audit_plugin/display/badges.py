"""The badge of an action: a colour's role, a text and a sign, so that colour is never the only signal."""

from __future__ import annotations

from dataclasses import dataclass

from audit_plugin import actions
from audit_plugin.display.labels import action_label, once
from audit_plugin.display.security import kind_of
from audit_plugin.models import Entry


@dataclass(frozen=True)
class Badge:
    """A badge.

    Attributes:
        modifier: The end of the CSS class: `create` (green), `update` (blue), `delete` (red), `restore` (purple) or
            `other` (slate).
        label: What it says.
        glyph: A sign before it.
    """

    modifier: str
    label: str
    glyph: str


GLYPHS = {
    "create": "+",
    "update": "~",
    "delete": "\N{MINUS SIGN}",
    "restore": "\N{ANTICLOCKWISE OPEN CIRCLE ARROW}",
}
OTHER = "other"
BULLET = "\N{BULLET}"
#: Actions of ours whose name isn't that of their colour.
ALIKE = {"truncate": ("delete", "\N{EMPTY SET}")}


@once
def badge(action: str) -> Badge:
    """Return the badge of an action; AUDIT_ACTIONS may give it a colour and a sign."""
    given = actions.given(action)
    modifier, glyph = ALIKE.get(action, (action if action in GLYPHS else OTHER, None))
    if given.get("badge") in GLYPHS:
        modifier, glyph = given["badge"], None
    glyph = given.get("glyph") or glyph or GLYPHS.get(modifier, BULLET)
    return Badge(modifier, action_label(action), glyph)


def badge_of(entry: Entry) -> Badge:
    """Return the badge of an entry: that of its action, but for a change of rights one that says which way it went."""
    kind = kind_of(entry)
    if kind is None:
        return badge(entry.action)
    modifier, label = kind
    return Badge(modifier, str(label), GLYPHS[modifier])
