"""Who is asking, and whether they may."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin import visibility
from audit_plugin.conf import settings
from audit_plugin.display.labels import model_of
from audit_plugin.events.quiet import acting_as
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope
from graphql_schema.errors import ApiError, Code, bad_input


class Viewer:
    """The person behind a request.

    Args:
        request: The request, or whatever has its `user`.

    Attributes:
        lookups: How many entries were looked up for a gateway.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        self.lookups = 0

    @cached_property
    def user(self) -> Any:
        """The user: of AUDIT_GRAPHQL_USER if that is set, else the request's."""
        hook = settings.hook("GRAPHQL_USER")
        found = hook(self.request) if hook else getattr(self.request, "user", None)
        return found or AnonymousUser()

    def acting(self) -> AbstractContextManager[Any]:
        """Return a context in which what is written is theirs, also where the host finds users in its own way."""
        return acting_as(self.user)

    def require(self, permission: str = "view") -> None:
        """Make sure that they may do something with the log.

        Args:
            permission: `view`, `export` or `restore`.

        Raises:
            ApiError: They may not.
        """
        if not self.user.is_authenticated:
            raise ApiError(Code.UNAUTHENTICATED, _("Sign in to see the audit log."))
        if not getattr(visibility, f"may_{permission}")(self.user):
            raise ApiError(Code.FORBIDDEN, REFUSED[permission])
        refusal = visibility.gate(self.request)
        if refusal is not None:
            raise ApiError(Code.CLOSED, refusal.message, url=refusal.url)

    @cached_property
    def scope(self) -> Scope:
        """What they see of the log."""
        self.require()
        return visibility.scope_of(self.user)

    @property
    def entries(self) -> EntryQuerySet:
        """The entries that they see."""
        return self.scope.entries()

    def require_model(self, label: str, argument: str = "model") -> None:
        """Make sure that they see entries of a model: somebody who names it should learn that they don't.

        Args:
            label: The model's label.
            argument: Where they have named it.

        Raises:
            ApiError: They don't, or neither there is such a model nor was there one.
        """
        if not self.scope.sees_model(label):
            raise ApiError(Code.FORBIDDEN, _("You may not see entries of %(model)s.") % {"model": label})
        if model_of(label) is None and not Entry.objects.filter(model=label).exists():
            raise bad_input(**{argument: _("There is no such model.")})

    def require_tenant(self, key: str) -> None:
        """Make sure that they see entries of a tenant.

        Raises:
            ApiError: They don't.
        """
        if self.scope.tenants is not None and key not in self.scope.tenants:
            raise ApiError(Code.FORBIDDEN, _("You may not see entries of %(tenant)s.") % {"tenant": key})


REFUSED = {
    "view": gettext_lazy("You may not view the audit log."),
    "export": gettext_lazy("You may not export the audit log."),
    "restore": gettext_lazy("You may not restore from the audit log."),
}


def viewer_of(given: Any) -> Viewer:
    """Return the person behind a GraphQL context: a request, something that has one, or a dictionary with one."""
    request = given.get("request") if isinstance(given, dict) else getattr(given, "request", given)
    found = getattr(request, "_audit_viewer", None)
    if found is None:
        found = Viewer(request)
        if request is not None:
            request._audit_viewer = found
    return found
