"""Entries as the pages show them: the read side's words and badges, put together for the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit_plugin import display
from audit_plugin.conf import settings
from audit_plugin.display import Badge, Names, Summary
from audit_plugin.display.security import kind_of
from audit_plugin.models import Context, Entry


@dataclass(frozen=True)
class Actor:
    """Who did it, for a cell or a panel.

    Attributes:
        label: What they were called; empty where `kind` says it all.
        kind: A word for what the actor is where it isn't a person.
        icon: The icon of that.
        initials: Two letters for where there is no picture.
        avatar: The address of a picture.
    """

    label: str
    email: str | None
    kind: str
    icon: str
    initials: str
    avatar: str | None = None


@dataclass(frozen=True)
class Row:
    """One entry.

    Attributes:
        url: Where it is opened.
        names: Of the records that its changes refer to.
        record_url: Where the record can be seen now.
        current: Whether it is open.
        links: What else can be done with it on this page: labels and addresses.
        inside: How many changes were made inside it, for an event that has such.
        inside_url: Where these are listed.
    """

    entry: Entry
    actor: Actor
    url: str
    names: Names
    record_url: str | None = None
    current: bool = False
    inside: int | None = None
    inside_url: str = ""
    links: Sequence[tuple[str, str]] = ()

    @property
    def can_be_undone(self) -> bool:
        """Whether it changed a record."""
        return self.entry.operation in ("I", "U", "D", "M", "T")

    @cached_property
    def badge(self) -> Badge:
        return display.badge_of(self.entry)

    @cached_property
    def model(self) -> str:
        return display.model_label(self.entry.model) if self.entry.model else ""

    @cached_property
    def name(self) -> str:
        """What the record is called where it has a name, else its key."""
        return self.entry.object_repr or self.entry.object_id

    @property
    def has_no_name(self) -> bool:
        """Whether the key has to stand for a name."""
        return self.name == self.entry.object_id

    @cached_property
    def channel(self) -> str:
        return display.channel_label(self.entry.channel)

    @cached_property
    def description(self) -> str:
        return display.describe(self.entry, self.names)

    @property
    def select_label(self) -> str:
        """What its box is called."""
        return _("Select: %(entry)s") % {"entry": self.description}

    @property
    def more_label(self) -> str:
        """How many more changes there are than the summary shows."""
        return _("+%(more)s more") % {"more": self.summary.more}

    @cached_property
    def told(self) -> bool:
        """Whether the description says more than the changed fields do."""
        return kind_of(self.entry) is not None

    @property
    def reason(self) -> str:
        """Why it was done, where the description doesn't say so already."""
        reason = (self.entry.details or {}).get("reason")
        return str(reason) if reason and str(reason) not in self.description else ""

    @cached_property
    def summary(self) -> Summary:
        return display.summary(self.entry, names=self.names)


def actor_of(context: Context | None, avatars: Mapping[str, str]) -> Actor:
    """Describe who acted.

    Args:
        context: The entry's context.
        avatars: Addresses of pictures by actor.
    """
    label = display.actor_label(context)
    if context is None:
        return Actor(label, None, "", "anonymous", "?")
    person = context.actor_kind == Context.ActorKind.USER
    kind = "" if person else capfirst(str(Context.ActorKind(context.actor_kind).label))
    words = [word for word in label.split() if word[:1].isalnum()]
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    # "System" once is enough; which of its tasks it was says more.
    shown = "" if kind.casefold() == label.casefold() else label
    if context.actor_kind == Context.ActorKind.SYSTEM and not shown:
        shown = context.name or ""
    avatar = avatars.get(context.actor_id or "")
    return Actor(shown, context.actor_email, kind, context.actor_kind, initials or "?", avatar)


def avatars_of(entries: Sequence[Entry]) -> Mapping[str, str]:
    """Ask the host for pictures of everybody on a page, once."""
    hook = settings.hook("ADMIN_AVATARS")
    if hook is None:
        return {}
    actors: Any = {entry.actor_id for entry in entries if entry.actor_id}
    found: Mapping[str, str] = hook(actors) if actors else {}
    return found
