"""The pages that show what a restore would do, and do it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin import restore
from audit_plugin.admin.base import LogPage
from audit_plugin.admin.restoring.asking import Asked, of_entry, of_several
from audit_plugin.admin.restoring.preview import Preview
from audit_plugin.models import Entry
from audit_plugin.restore import Choice, Code, Plan, RestoreError, Result
from audit_plugin.visibility import may_restore

MOST_WORDS = 500
STATUS = {
    Code.NOT_FOUND: 404,
    Code.NO_PERMISSION: 403,
    Code.STALE: 409,
    Code.LOCKED: 409,
    Code.CONFLICTS: 409,
}


class RestorePage(LogPage):
    """A preview, and on confirmation the restore. Everything about it travels in the address and the form."""

    template = "restore_page.html"
    methods = ("GET", "HEAD", "POST")

    plan: Plan | None = None
    error: RestoreError | None = None

    def asked_for(self, **kwargs: Any) -> Asked | None:
        """Return what is to be restored, None where there is no such thing."""
        return of_several(self.user, self.request.GET, self.form)

    def get(self, **kwargs: Any) -> HttpResponseBase:
        if not may_restore(self.user):
            raise PermissionDenied
        try:
            asked = self.asked_for(**kwargs)
        except RestoreError as error:
            raise Http404(str(error)) from error
        if asked is None:
            return self.unreadable()
        self.asked = asked
        confirmed = self.form.get("restore") in ("all", "clean") and self.form.get("token")
        if confirmed and self.form.get("decided") != self.decided:
            messages.warning(self.request, _("You have changed your choices: this is what they lead to."))
        elif confirmed:
            try:
                return self.finish(self.carry_out())
            except RestoreError as error:
                self.error, self.plan = error, error.plan
        if self.plan is None and self.error is None:
            self.look_ahead()
        response = super().get(**kwargs)
        if isinstance(response, TemplateResponse) and self.error is not None:
            response.status_code = STATUS.get(self.error.code, 200)
        return response

    def unreadable(self) -> HttpResponseBase:
        """Answer a request that doesn't say what to restore."""
        messages.warning(self.request, _("Select at least one entry first."))
        return HttpResponseRedirect(self.back)

    def look_ahead(self) -> None:
        """Find out what would happen."""
        try:
            self.plan = restore.plan(
                self.asked.ask, user=self.user, resolutions=self.resolutions, validate=self.validate
            )
        except RestoreError as error:
            self.error = error

    def carry_out(self) -> Result:
        """Do it, as it was confirmed.

        Raises:
            RestoreError: It can't be done, or no longer so.
        """
        return restore.apply(
            self.asked.ask,
            token=self.form.get("token"),
            user=self.user,
            resolutions=self.resolutions,
            validate=self.validate,
            reason=self.reason or None,
            partial=self.form["restore"] == "clean",
        )

    def finish(self, result: Result) -> HttpResponseBase:
        """Say what was done, and go back."""
        text = ngettext(
            "Restored successfully: %(n)s new entry in the log.",
            "Restored successfully: %(n)s new entries in the log.",
            result.count,
        ) % {"n": result.count}
        if url := self._result_url(result):
            link = _("Show what was restored")
            messages.success(self.request, format_html('{} <a href="{}">{}</a>', text, url, link))
        else:
            messages.success(self.request, text)
        return HttpResponseRedirect(self.back)

    def _result_url(self, result: Result) -> str | None:
        if not result.entries:
            return None
        if result.count == 1:
            return self.url("change", result.entries[0])
        context = Entry.objects.using(result.plan.using).values_list("context_id", flat=True)
        query = {"context": str(context.get(pk=result.entries[0])), "action": "restore"}
        return f"{self.url('changelist')}?{urlencode(query)}"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.plan
        return {
            "title": self.asked.title,
            "crumbs": self.crumbs({"label": self.asked.title}),
            "asked": self.asked,
            "preview": Preview(plan, self.site, self.user) if plan is not None else None,
            "error": str(self.error) if self.error is not None else "",
            "token": plan.token if plan is not None else "",
            "decided": self.decided,
            "validate": self.validate,
            "reason": self.reason,
            "most_words": MOST_WORDS,
            "back": self.back,
            "keeps": [*self.asked.keeps, ("next", self.back)],
        }

    @property
    def form(self) -> QueryDict:
        """What the form sends; nothing where a link led here."""
        return self.request.POST

    @property
    def back(self) -> str:
        """Where the person came from."""
        wanted = self.form.get("next") or self.request.GET.get("next") or ""
        safe = url_has_allowed_host_and_scheme(
            wanted, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if safe else self.url("changelist")

    @property
    def reason(self) -> str:
        """Why, in the person's words."""
        # PostgreSQL has no text with it, and nobody types it.
        return self.form.get("reason", "").replace("\0", "").strip()[:MOST_WORDS]

    @property
    def validate(self) -> bool:
        """Whether the rules of the models count too."""
        return self.form.get("validate") == "1"

    @cached_property
    def resolutions(self) -> dict[str, Choice]:
        """The choices made: for single conflicts by their id, for all of a kind by its code."""
        known = {choice.value for choice in Choice}
        return {
            name.partition("=")[2]: Choice(value)
            for name, value in sorted(self.form.items())
            if name.startswith(("one=", "all=")) and value in known
        }

    @property
    def decided(self) -> str:
        """The choices as one text: whether those that come with a confirmation are those that the preview was made with."""
        return json.dumps([self.resolutions, self.validate], sort_keys=True)


class RestoreEntryPage(RestorePage):
    """Restoring by one entry: its change, its record, or what was deleted."""

    def asked_for(self, object_id: str = "", **kwargs: Any) -> Asked | None:
        return of_entry(self.user, object_id, self.request.GET)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        ways = [(way, "?" + urlencode({"as": way.name, "next": self.back})) for way in self.asked.ways]
        return {**super().context(**kwargs), "ways": ways}
