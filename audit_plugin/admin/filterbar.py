"""The filter bar: fields, chips and tabs, made of what the read side offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

from audit_plugin import display
from audit_plugin.admin.address import Address
from audit_plugin.admin.fields import Field
from audit_plugin.conf import settings
from audit_plugin.facets import Choice, Facets
from audit_plugin.filters import PERIODS, ExtraFilter, extra_filters
from audit_plugin.templatetags.audit_admin import local


@dataclass(frozen=True)
class Link:
    """A tab or a chip: what it says and where it leads."""

    label: str
    url: str
    value: str = ""
    current: bool = False


class FilterBar:
    """What stands above the list.

    Args:
        address: Where the list stands.
        user: Who is looking.
        facets: What is present in the log; asked for only if something has to be offered.
    """

    def __init__(self, address: Address, user: Any, facets: Facets) -> None:
        self.address = address
        self.query = address.filter.query()
        self.user = user
        self._facets = facets

    @cached_property
    def tabs(self) -> list[Link]:
        """The tabs: each is a filter with a name."""
        taken = {name for tab in self._tabs for name in tab[1]}
        return [
            Link(
                str(label),
                self.address.filtered({**self._kept_by(query, taken), **query}),
                current=number == self._current_tab,
            )
            for number, (label, query) in enumerate(self._tabs)
        ]

    def _kept_by(self, tab: Mapping[str, str], taken: Iterable[str]) -> Mapping[str, str]:
        """Return what stays set on the way to a tab: all but what makes a tab, and the host's filters that it hasn't got."""
        channel = tab.get("channel", "")
        foreign = [
            name
            for name, extra in extra_filters().items()
            if extra.channels and channel not in extra.channels
        ]
        return self.address.without(*taken, *foreign)

    @cached_property
    def _tabs(self) -> list[tuple[str | Promise, Mapping[str, str]]]:
        if settings.ADMIN_TABS is not None:
            return [(label, query) for label, query in settings.ADMIN_TABS]
        channels = [(choice.label, {"channel": choice.value}) for choice in self._facets.channels]
        return [(_("All"), {}), *channels]

    @cached_property
    def _current_tab(self) -> int | None:
        fitting = [
            (len(query), -number, number)
            for number, (_label, query) in enumerate(self._tabs)
            if query.items() <= self.query.items()
        ]
        return max(fitting)[2] if fitting else None

    @cached_property
    def tab_query(self) -> Mapping[str, str]:
        """The filter that the current tab stands for."""
        return {} if self._current_tab is None else self._tabs[self._current_tab][1]

    @cached_property
    def fields(self) -> list[Field]:
        """The fields that are always in sight."""
        facets = self._facets
        return [
            self._input("search", _("Search"), "search", wide=True),
            self._select("actor", _("Actor"), facets.actors, _("All actors"), typeahead=True),
            self._select("action", _("Action"), facets.actions, _("All actions")),
            self._select("model", _("Model"), facets.models, _("All models")),
            *self._extras(),
            self._input("since", _("From"), self._date_kind("since")),
            self._input("until", _("To"), self._date_kind("until")),
        ]

    @cached_property
    def more(self) -> list[Field]:
        """The fields that are needed less often."""
        facets = self._facets
        found = [
            self._input("record", _("Record (key)"), "text"),
            self._select("channel", _("Channel"), facets.channels, _("All channels")),
            self._input("request", _("Request ID"), "text"),
        ]
        if facets.tenants or "tenant" in self.query:
            found.append(self._select("tenant", _("Tenant"), facets.tenants, _("All tenants")))
        return found

    @property
    def more_is_open(self) -> bool:
        """Whether one of these is set by hand."""
        return any(field.value and field.name not in self.tab_query for field in self.more)

    @cached_property
    def carried(self) -> list[tuple[str, str]]:
        """What the form hands on although it has no field for it."""
        shown = {field.name for field in [*self.fields, *self.more]} | {"period"}
        rest = [(name, value) for name, value in self.query.items() if name not in shown]
        return [*rest, *self.address.settings.items()]

    @cached_property
    def periods(self) -> list[Link]:
        """Ready-made ranges of time, "any" first."""
        value = self.query.get("period", "")
        known = [(name, str(label)) for name, (label, _start) in PERIODS.items()]
        offered = [("", _("Any time")), *known]
        return [Link(label, "", value=name, current=name == value) for name, label in offered]

    @cached_property
    def chips(self) -> list[Link]:
        """What is set beyond the tab, each with the address of the list without it."""
        address = self.address
        return [
            Link(self._name(name), address.filtered(address.without(name)), self._words(name, value))
            for name, value in self.query.items()
            if self.tab_query.get(name) != value
        ]

    @property
    def clear_url(self) -> str:
        """The list with nothing set but the tab."""
        return self.address.filtered(self.tab_query)

    @property
    def all_url(self) -> str:
        """The list with nothing set at all."""
        return self.address.filtered({})

    @cached_property
    def _known_extras(self) -> dict[str, ExtraFilter]:
        """The host's filters of this tab, and whatever else is set."""
        channel = self.address.filter.channel or ""
        return {
            name: extra
            for name, extra in extra_filters().items()
            if not extra.channels or channel in extra.channels or name in self.query
        }

    @property
    def errors(self) -> list[str]:
        """What is wrong, each with the name of its field."""
        return [
            _("%(field)s: %(problem)s") % {"field": self._name(name), "problem": problem}
            for name, problem in self.address.errors.items()
        ]

    def _extras(self) -> Iterable[Field]:
        for name, extra in self._known_extras.items():
            value = self.query.get(name, "")
            if extra.type_ahead:
                choices = [Choice(value, self._label_of(extra, value))] if value else []
            else:
                choices = [Choice(str(key), str(label)) for key, label in extra.choices(self.user)]
            yield Field(
                name,
                extra.label,
                "select",
                value,
                self.address.errors.get(name),
                choices,
                _("All"),
                extra.type_ahead,
                extra.group,
            )

    def _input(self, name: str, label: str, kind: str, wide: bool = False) -> Field:
        value = self.query.get(name, "")
        if kind == "datetime-local":
            value = self._local_value(name)
        return Field(name, label, kind, value, self.address.errors.get(name), wide=wide)

    def _select(
        self, name: str, label: str, choices: Sequence[Choice], empty: str, typeahead: bool = False
    ) -> Field:
        value = self.query.get(name, "")
        return Field(name, label, "select", value, self.address.errors.get(name), choices, empty, typeahead)

    def _date_kind(self, name: str) -> str:
        if name in self.address.errors:
            return "text"  # A date input would drop what can't be read, and so what the message is about.
        return "datetime-local" if isinstance(getattr(self.address.filter, name), datetime) else "date"

    def _local_value(self, name: str) -> str:
        moment = timezone.localtime(getattr(self.address.filter, name))
        return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")

    def _name(self, name: str) -> str:
        names = {
            "period": _("Period"),
            "context": _("Context"),
            "restored": _("Restored from"),
            "event": _("Part of event"),
            "related": _("Concerns"),
            **{field.name: field.label for field in [*self.fields, *self.more]},
        }
        return str(names.get(name, name))

    def _words(self, name: str, value: str) -> str:
        """Return a value as people read it."""
        match name:
            case "action":
                return _called(value, self._facets.actions) or display.action_label(value)
            case "model":
                return _called(value, self._facets.models) or display.model_label(value)
            case "channel":
                return _called(value, self._facets.channels) or display.channel_label(value)
            case "actor":
                return _called(value, self._facets.actors) or value
            case "related":
                model, _colon, key = value.partition(":")
                return f"{display.model_label(model)} {key}"
            case "period" if value in PERIODS:
                return str(PERIODS[value][0])
            case "since" | "until" if name not in self.address.errors:
                given = getattr(self.address.filter, name)
                return local(given) if isinstance(given, datetime) else date_format(given, "d/m/Y")
        extra = extra_filters().get(name)
        return self._label_of(extra, value) if extra else value

    def _label_of(self, extra: ExtraFilter, value: str) -> str:
        """Return what a host's filter calls a value; it is asked only for values that it has found fit."""
        return value if extra.name in self.address.errors else str(extra.label_of(self.user, value))


def _called(value: str, choices: Iterable[Choice]) -> str:
    return next((choice.label for choice in choices if choice.value == value), "")
