"""Persisted documents: an allow-list, so that clients can only ask what their developers have written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from graphql_schema.errors import ApiError, Code
from graphql_schema.http.allowed import allowed_documents


def document_of(query: str | None, extensions: Mapping[str, Any]) -> str:
    """Return the document to execute.

    Args:
        query: The document that was sent, if one was.
        extensions: What else was sent; `persistedQuery.sha256Hash` names a persisted document, as Apollo and urql do.

    Raises:
        ApiError: There is no such document, or only persisted ones are executed.
    """
    allowed = allowed_documents()
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
