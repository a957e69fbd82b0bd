"""Persisted documents: an allow-list, so that clients can only ask what their developers have written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from graphql_schema.errors import ApiError, Code


def document_of(query: str | None, extensions: Mapping[str, Any]) -> str:
    """Return the document to execute.

    Args:
        query: The document that was sent, if one was.
        extensions: What else was sent; `persistedQuery.sha256Hash` names a persisted document, as Apollo and urql do.

    Raises:
        ApiError: There is no such document, or only persisted ones are executed.
    """
    allowed = _allowed()
    named = extensions.get("persistedQuery")
    key = named.get("sha256Hash") if isinstance(named, dict) else None
    if allowed is None:
        if query is None and key is not None:
            # Apollo sends the whole document when it hears this.
            raise ApiError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        return query or ""
    if key is None and query is not None:
        key = hashlib.sha256(query.encode(errors="surrogatepass")).hexdigest()
        if key not in allowed:
            raise ApiError(Code.PERSISTED_QUERY_REQUIRED, _("Only persisted documents are executed here."))
    if not isinstance(key, str) or key not in allowed:
        raise ApiError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
    return allowed[key]


def _allowed() -> Mapping[str, str] | None:
    given = settings.GRAPHQL_PERSISTED
    if isinstance(given, str):
        path = Path(given)
        return _from_file(given, path.stat().st_mtime_ns)
    found: Mapping[str, str] | None = given
    return found


@lru_cache(maxsize=4)
def _from_file(path: str, changed: int) -> Mapping[str, str]:
    """Return the documents of a file by their hash: `{hash: document}`, or a manifest of Apollo's."""
    found = json.loads(Path(path).read_text("utf-8"))
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        found = {operation["id"]: operation["body"] for operation in found["operations"]}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ImproperlyConfigured(f"AUDIT_GRAPHQL_PERSISTED: {path} has no documents by hash.")
    return found
