"""Settings of a project that has one log installed; PEER says which."""

from __future__ import annotations

import os

from sample_project.postgres import database

PEER = os.environ.get("PEER", "ours")
APPS = {
    "ours": ["pgtrigger", "pghistory", "audit_plugin"],
    "reversion": ["reversion"],
    "simple_history": ["simple_history"],
    "pghistory": ["pgtrigger", "pghistory"],
}

SECRET_KEY = "only-for-the-comparison"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(f"{os.environ.get('DATABASE_NAME', 'bench')}_peer_{PEER}")}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *APPS[PEER],
    "tests.benchmarks.peers",
]
AUDIT_MODELS = ["peers.*"]
