"""Which columns hold a secret, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from audit_plugin.conf import settings


def words(name: str) -> str:
    """Return a name as its words in snake_case: `apiToken` and `API-Token` become `api_token`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def secret_pattern(secrets: Sequence[str] | None = None) -> str:
    """Return the regular expression, in syntax that Python and PostgreSQL share, of secret names in snake_case.

    Args:
        secrets: The words that mark a secret; by default those of `AUDIT_SECRETS`.
    """
    marks = settings.SECRETS if secrets is None else secrets
    alternatives = "|".join(re.escape(words(mark)) for mark in marks)
    return rf"(^|_)({alternatives})s?(_|$|[0-9])" if alternatives else "$x"


def is_secret(*names: str) -> bool:
    """Whether any of a column's names, such as the field's and the column's, marks it as a secret."""
    pattern = re.compile(secret_pattern())
    return any(pattern.search(words(name)) for name in names)
