"""The documents that AUDIT_GRAPHQL_PERSISTED allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from audit_plugin.conf import settings


def allowed_documents() -> Mapping[str, str] | None:
    """Return the documents of AUDIT_GRAPHQL_PERSISTED by their hash; None where any document is executed."""
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
        operations = [one if isinstance(one, dict) else {} for one in found["operations"]]
        found = {one.get("id"): one.get("body") for one in operations}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ImproperlyConfigured(f"AUDIT_GRAPHQL_PERSISTED: {path} has no documents by hash.")
    return found
