"""The demo as the browser tests see it: with htmx, and under a content security policy without exceptions."""

from __future__ import annotations

from sample_project.settings import *  # noqa: F403
from sample_project.settings import INSTALLED_APPS, MIDDLEWARE

if "django_htmx" not in INSTALLED_APPS:
    INSTALLED_APPS = [*INSTALLED_APPS, "django_htmx"]
MIDDLEWARE = ["tests.e2e.policy.strict", *MIDDLEWARE]
# As on a real server: pages of errors are plain, and say nothing of the inside.
DEBUG = False
AUDIT_ADMIN_POLL_SECONDS = 2
AUDIT_GATE = "tests.e2e.policy.gate"
