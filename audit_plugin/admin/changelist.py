"""The list of entries: what the templates of a page with a list show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit_plugin import display
from audit_plugin.activity import histogram_of
from audit_plugin.admin.activity import Activity, draw
from audit_plugin.admin.address import SIZES, Address
from audit_plugin.admin.events import inside_url
from audit_plugin.admin.filterbar import FilterBar
from audit_plugin.admin.records import record_urls
from audit_plugin.admin.rows import Row, actor_of, avatars_of
from audit_plugin.conf import settings
from audit_plugin.events.groups import count_changes, event_of
from audit_plugin.exceptions import InvalidCursor
from audit_plugin.facets import Facets, facets
from audit_plugin.models import Entry
from audit_plugin.pagination import Count, Page, count, page, position
from audit_plugin.visibility import may_restore

#: Heading, and the orders a column can be sorted by: the one that a first click gives, and its opposite.
COLUMNS: dict[str, tuple[Any, tuple[str, str] | None]] = {
    "when": (gettext_lazy("When"), ("newest", "oldest")),
    "actor": (gettext_lazy("Actor"), None),
    "action": (gettext_lazy("Action"), ("action", "-action")),
    "subject": (gettext_lazy("Subject"), ("model", "-model")),
    "changes": (gettext_lazy("Changes"), None),
    "description": (gettext_lazy("Description"), None),
    "channel": (gettext_lazy("Channel"), None),
    "details": (gettext_lazy("Details"), None),
}
BY_TIME = ("newest", "oldest")


@dataclass(frozen=True)
class Heading:
    """A column's heading; `sort` is as `aria-sort` has it."""

    name: str
    label: str
    url: str | None
    sort: str = "none"


@dataclass(frozen=True)
class Pager:
    """What stands below the list."""

    range: str
    previous_url: str | None
    next_url: str | None
    size: int
    sizes: list[int]
    keeps: list[tuple[str, str]]


def number_of(count: Count) -> str:
    """Return how many there are as people read it; an estimate says that it is one."""
    number = f"{count.value:,}"
    if not count.capped:
        return number
    return (_("at least %s") if count.least else _("about %s")) % number


class EntryList:
    """One page of a list.

    Args:
        address: Where the list stands.
        site: The admin site.
        request: The request of who is looking.
        entries: The entries that the filter is applied to: visible ones.
        opened: The id of the entry that is open beside the list.
    """

    def __init__(
        self,
        address: Address,
        site: AdminSite,
        request: HttpRequest,
        entries: QuerySet[Entry],
        *,
        opened: Any = None,
    ) -> None:
        self.address = address
        self.site = site
        self.request = request
        self.user = request.user
        self.visible = entries
        self.entries = address.filter.apply(entries)
        self.opened = opened
        self._lost = False

    @cached_property
    def page(self) -> Page:
        """The entries of this page; those of the first one where the cursor can't be read."""
        address = self.address
        try:
            return page(
                self.entries,
                order=address.order,
                size=address.size,
                after=address.after,
                before=address.before,
            )
        except InvalidCursor:
            self._lost = True
            return page(self.entries, order=address.order, size=address.size)

    @property
    def message(self) -> str:
        """What is wrong with the address beyond its filter."""
        found = self.page and self._lost
        return _("The address of that page can't be read. This is the first page.") if found else ""

    @cached_property
    def around(self) -> tuple[str | None, str | None]:
        """Where the entries above and below the open one are opened."""
        at = next((number for number, row in enumerate(self.rows) if row.current), None)
        if at is None:
            return None, None
        above = self.rows[at - 1].url if at else None
        return above, self.rows[at + 1].url if at + 1 < len(self.rows) else None

    @cached_property
    def rows(self) -> list[Row]:
        """The entries, ready to be shown."""
        entries = self.page.entries
        avatars = avatars_of(entries)
        names = display.names_of(entries, self.user)
        urls = record_urls(self.site, self.request, entries)
        inside = count_changes(entries, self.visible)
        return [
            Row(
                entry,
                actor_of(display.context_of(entry), avatars),
                self.address.opening(entry.id),
                names,
                urls.get((entry.model, entry.object_id)),
                current=entry.id == self.opened,
                links=self.links_of(entry),
                inside=inside.get(event, 0) if (event := event_of(entry)) else None,
                inside_url=inside_url(self.site, event) if event else "",
            )
            for entry in entries
        ]

    def links_of(self, entry: Entry) -> Sequence[tuple[str, str]]:
        """Return what else can be done with an entry of this list: labels and addresses."""
        return ()

    @cached_property
    def selection_url(self) -> str | None:
        """Where the entries lead that are ticked, None where nobody may restore them or there are none."""
        if not may_restore(self.user) or not any(row.can_be_undone for row in self.rows):
            return None
        return self.url("restore_several")

    def url(self, name: str, *arguments: Any) -> str:
        """Return the address of one of the log's pages."""
        return reverse(f"admin:audit_plugin_entry_{name}", args=arguments, current_app=self.site.name)

    @cached_property
    def headings(self) -> list[Heading]:
        """The columns' headings, with where a click on them leads."""
        return [self._heading(name) for name in self.columns]

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns, in their order; without a way to open an entry there is no list."""
        wanted = [name for name in settings.ADMIN_COLUMNS if name in COLUMNS]
        return wanted if "details" in wanted else [*wanted, "details"]

    def _heading(self, name: str) -> Heading:
        label, orders = COLUMNS[name]
        if orders is None:
            return Heading(name, str(label), None)
        first, second = orders
        url = self.address.ordered(second if self.address.order == first else first)
        if self.address.order not in orders:
            return Heading(name, str(label), url)
        ascending = self.address.order in ("oldest", "action", "model")
        return Heading(name, str(label), url, "ascending" if ascending else "descending")

    @cached_property
    def count(self) -> Count:
        """How many entries there are."""
        found = count(self.entries)
        seen = self._first - 1 + len(self.page.entries)
        return replace(found, value=max(found.value, seen)) if found.least else found

    @property
    def count_text(self) -> str:
        """The same in words."""
        return ngettext("%(n)s entry", "%(n)s entries", self.count.value) % {"n": number_of(self.count)}

    @cached_property
    def pager(self) -> Pager:
        """The range, and where "previous" and "next" lead."""
        found, address, first = self.page, self.address, self._first
        last = first + len(found.entries) - 1
        back = max(1, first - address.size)
        return Pager(
            range=_("%(first)s–%(last)s of %(total)s")
            % {
                "first": f"{first if found.entries else 0:,}",
                "last": f"{last:,}",
                "total": number_of(self.count),
            },
            previous_url=address.at(before=found.start_cursor, number=back) if found.has_previous else None,
            next_url=address.at(after=found.end_cursor, number=last + 1) if found.has_next else None,
            size=address.size,
            sizes=sorted({*SIZES, address.size}),
            keeps=[*address.filter.query().items(), *self._keeps_but_size()],
        )

    def _keeps_but_size(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.address.settings.items() if name != "size"]

    @cached_property
    def _first(self) -> int:
        """The number of the first row."""
        if not self.page.has_previous:
            return 1
        if self.address.order in BY_TIME:
            before = position(self.entries, self.page)
            return max(before.value + 1, self.address.number if before.least else 1)
        return self.address.number


class FullList(EntryList):
    """The list of the whole log, with a filter bar and the activity above it."""

    @cached_property
    def bar(self) -> FilterBar:
        """The filter bar. Its choices cost a query or two, so they are looked up only if it is shown."""
        offered = cast(Facets, SimpleLazyObject(lambda: facets(self.user)))
        return FilterBar(self.address, self.user, offered)

    @cached_property
    def activity(self) -> Activity:
        """The entries over time."""
        if self.address.errors:
            return Activity([])
        return draw(histogram_of(self.entries), self.address)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is set, so that an empty list may be the filter's fault."""
        return bool(self.address.filter)
