"""The same with django-unfold's theme."""

from __future__ import annotations

from tests.e2e.settings import *  # noqa: F403
from tests.e2e.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = ["unfold", *INSTALLED_APPS]
# Unfold's own pages evaluate expressions in attributes, so they can't be had under the strict policy.
MIDDLEWARE = [name for name in MIDDLEWARE if name != "tests.e2e.policy.strict"]
