"""A record as it was at some point, beside what it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote, unquote
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit_plugin import display
from audit_plugin.admin.base import LogPage
from audit_plugin.admin.detail import Detail, find
from audit_plugin.changes import FieldChange
from audit_plugin.display import ChangeView
from audit_plugin.finder import EntryQuerySet
from audit_plugin.history import State, as_of, history
from audit_plugin.models import Entry
from audit_plugin.templatetags.audit_admin import local
from audit_plugin.visibility import may_restore, scope_of, visible_entries


@dataclass(frozen=True)
class FieldThen:
    """One field: what it was then, as `new`, and what it is now, as `old`."""

    view: ChangeView
    changed_there: bool
    differs: bool


class VersionPage(LogPage):
    """A record as of an entry, or of a time. The last entry where the address says neither."""

    template = "version.html"

    def context(self, model: str = "", object_id: str = "", **kwargs: Any) -> dict[str, Any]:
        key = unquote(object_id)
        entries = history(model, key, entries=visible_entries(self.user))
        # The state may be worked out from the record itself, which is for those who see what the log says of it.
        if not scope_of(self.user).sees_model(model) or not entries.exists():
            raise Http404(self.nothing)
        moment, error = self._moment()
        entry = self._entry(entries, moment)
        visible = visible_entries(self.user)
        then = as_of(model, key, moment or entry, entries=visible)
        now = as_of(model, key, timezone.now(), entries=visible)
        fields = list(self._fields(model, then, now, entry if moment is None else None))
        name = entry.object_repr or key
        when = local(moment or entry.occurred_at)
        title = _("%(model)s %(name)s as of %(when)s") % {
            "model": display.model_label(model),
            "name": name,
            "when": when,
        }
        record_url = self.url("record", model, quote(key))
        detail = Detail(entry, self.site, self.request, record_url)
        return {
            "title": title,
            "crumbs": self.crumbs({"label": _("History"), "url": record_url}, {"label": when}),
            "then": then,
            "now": now,
            "fields": fields,
            "error": error,
            "detail": detail,
            "entry": entry,
            "restored": detail.restores,
            "before": self._neighbour(entries.filter(pk__lt=entry.pk).order_by("-id")),
            "after": self._neighbour(entries.filter(pk__gt=entry.pk).order_by("id")),
            "at": timezone.localtime(moment or entry.occurred_at)
            .replace(tzinfo=None)
            .isoformat("T", "seconds"),
            "restore_url": self._restore_url(model, key, then, entry, moment),
            "record_url": record_url,
        }

    def _moment(self) -> tuple[datetime | None, str]:
        """Return the time that is asked for, and what is wrong with it. Without a zone it is in the one that the page shows."""
        wanted = self.request.GET.get("at", "").strip()
        if not wanted:
            return None, ""
        try:
            moment = parse_datetime(wanted)
        except ValueError:
            moment = None
        if moment is None or not 1970 < moment.year < 9999:
            return None, _("There is no such time. This is the last version.")
        return timezone.make_aware(moment) if moment.tzinfo is None else moment, ""

    def _entry(self, entries: EntryQuerySet, moment: datetime | None) -> Entry:
        """Return the entry that is asked for, or the last one up to a time, or the last of all."""
        found: Any
        if moment is not None:
            found = entries.filter(occurred_at__lte=moment).first() or entries.order_by("id").first()
        elif wanted := self.request.GET.get("entry"):
            entry = find(self.user, wanted)
            found = entries.filter(pk=entry.pk).first() if entry else None
        else:
            found = entries.first()
        if not isinstance(found, Entry):
            raise Http404(self.nothing)
        return found

    def _fields(self, model: str, then: State, now: State, entry: Entry | None) -> Iterator[FieldThen]:
        whole, today = {**then.values, **then.links}, {**now.values, **now.links}
        changed = entry.field_changes if entry is not None and entry.operation in ("U", "M") else ()
        there = {change.field for change in changed}
        changes = [
            self._change(name, then, today) for name in display.in_order(model, [*whole, *then.masked])
        ]
        names = display.names_in([(model, change) for change in changes], self.user)
        for change in changes:
            name = change.field
            differs = now.exists and name in today and name in whole and today[name] != whole[name]
            yield FieldThen(display.change_view(model, change, names), name in there, differs)

    @staticmethod
    def _change(name: str, then: State, today: Mapping[str, Any]) -> FieldChange:
        if name in then.links:
            return FieldChange(name, added=tuple(then.links[name]))
        if name in then.values:
            return FieldChange(name, old=today.get(name), new=then.values[name])
        return FieldChange(name, masked=True)

    def _neighbour(self, entries: EntryQuerySet) -> str | None:
        found = entries.first()
        return f"?{urlencode({'entry': found.pk})}" if found is not None else None

    def _restore_url(
        self, model: str, key: str, then: State, entry: Entry, moment: datetime | None
    ) -> str | None:
        if not then.exists or not may_restore(self.user):
            return None
        back = {"next": self.request.get_full_path()}
        if moment is not None:
            query = {"model": model, "record": key, "at": moment.isoformat(), **back}
            return f"{self.url('restore_several')}?{urlencode(query)}"
        if entry.operation not in ("I", "U", "M", "B"):
            return None
        return f"{self.url('restore', entry.pk)}?{urlencode({'as': 'after', **back})}"
