"""Settings for the tests: the product's, a second database, and nothing slow or left behind."""

from __future__ import annotations

from sample_project.postgres import database
from sample_project.settings import *  # noqa: F403
from sample_project.settings import DATABASES

DEBUG = False
DATABASES["other"] = database(f"{DATABASES['default']['NAME']}_other")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
