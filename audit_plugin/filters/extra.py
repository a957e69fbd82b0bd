"""Filters that a host declares itself: classes named in the setting AUDIT_FILTERS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError

Choices = Sequence[tuple[str, str | Promise]]


class ExtraFilter:
    """A filter of a host. Subclass it, and name the subclass in `AUDIT_FILTERS`.

    Example:
        class Interviewer(ExtraFilter):
            name = "interviewer"
            label = _("Interviewer")
            channels = ("interviews",)
            group = "person"

            def choices(self, user):
                return [(str(person.pk), str(person)) for person in Person.objects.filter(staff=True)]

            def apply(self, queryset, value):
                return queryset.filter(model="hiring.interview", object_id__in=interviews_of(value))
    """

    #: The name in the URL. May not be that of a filter of ours.
    name: ClassVar[str]
    #: What people read.
    label: ClassVar[str | Promise]
    #: The channels on whose tabs the filter is shown; it doesn't go along to other tabs. Empty: on all.
    channels: ClassVar[Sequence[str]] = ()
    #: Of the filters with the same group only one can be set: choosing one clears the others.
    group: ClassVar[str | None] = None
    #: Whether choices are looked up while somebody types, by `search`, rather than listed by `choices`.
    type_ahead: ClassVar[bool] = False

    def choices(self, user: Any) -> Choices:
        """Return all values with their labels, for a filter that isn't type-ahead.

        Args:
            user: Who is looking; offer nothing that they may not know of.
        """
        return ()

    def search(self, user: Any, text: str) -> Choices:
        """Return the values that fit what has been typed so far, for a type-ahead filter.

        Args:
            user: Who is looking.
            text: What was typed, never empty.
        """
        return ()

    def label_of(self, user: Any, value: str) -> str | Promise:
        """Return what to call a value that is set, for example on a chip.

        Args:
            user: Who is looking; anybody may be sent an address with any value in it.
            value: The value, after `clean` has found it fit.
        """
        return value

    def clean(self, value: str) -> str:
        """Return the value to use.

        Raises:
            ValueError: It is none that the filter knows; the message is shown.
        """
        return value

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Narrow a queryset of entries down, by indexed columns (`model` with `object_id`) if possible."""
        raise NotImplementedError


def extra_filters(channel: str | None = None) -> dict[str, ExtraFilter]:
    """Return the host's filters by name, in the order of the setting.

    Args:
        channel: Only those shown on this channel or tab. None: all.

    Raises:
        ConfigurationError: The setting names something that is no such filter, or a name is taken.
    """
    from audit_plugin.filters.entry import PARAMETERS

    found: dict[str, ExtraFilter] = {}
    for path in settings.FILTERS:
        try:
            filter_class = import_string(path) if isinstance(path, str) else path
            instance = filter_class()
            name = instance.name
        except (ImportError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"AUDIT_FILTERS names {path!r}: {error}") from error
        if name in found or name in PARAMETERS.values():
            raise ConfigurationError(f"AUDIT_FILTERS: the name {name!r} of {path!r} is taken.")
        if channel is None or not instance.channels or channel in instance.channels:
            found[name] = instance
    return found
