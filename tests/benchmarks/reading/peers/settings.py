"""A project with django-auditlog and django-pghistory as they are installed by default, for reading only."""

from __future__ import annotations

import os

from sample_project.postgres import database
from tests.benchmarks.reading.peers import SCHEMA

SECRET_KEY = "only-for-the-benchmark"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "tests.benchmarks.reading.peers.urls"
STATIC_URL = "static/"
DATABASES = {
    "default": {
        **database(os.environ.get("DATABASE_NAME", "audit_reading")),
        "OPTIONS": {"options": f"-c search_path={SCHEMA}"},
    }
}

# As in the demo, on which our pages are measured.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

INSTALLED_APPS = [
    # Its documentation wants it above the admin.
    "pghistory.admin",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "auditlog",
    "tests.benchmarks.reading.peers",
]
# Their own middlewares name authors of changes; reading pages don't need them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
