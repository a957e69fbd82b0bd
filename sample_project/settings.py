"""Settings of Studio Desk, the product that the demo and the tests run on."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from sample_project import events
from sample_project.embedded import base_directory
from sample_project.postgres import database

BASE_DIR = Path(__file__).resolve().parent

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-the-demo-and-the-tests")
DEBUG = os.environ.get("DEBUG", "1") == "1"

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "import_export",
    "django_htmx",
    "audit_plugin",
    "graphql_schema",
    "sample_project.people",
    "sample_project.places",
    "sample_project.assets",
    "sample_project.studio",
    "sample_project.hiring",
]

MIDDLEWARE = [
    "audit_plugin.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "sample_project.urls"
WSGI_APPLICATION = "sample_project.wsgi.application"
ASGI_APPLICATION = "sample_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [
    ("en-gb", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("ar", _("Arabic")),
]
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploads belong neither in the clone nor in a home directory.
MEDIA_ROOT = base_directory() / "media"
MEDIA_URL = "media/"

# What the audit log records: our own apps, and who may sign in with which rights.
AUDIT_MODELS = ["people.*", "places.*", "assets.*", "studio.*", "hiring.*", "auth.User", "auth.Group"]

# What happens, in the product's own words, and whom it concerns.
AUDIT_ACTIONS = events.ACTIONS
AUDIT_CHANNELS = events.CHANNELS
AUDIT_RELATED = events.RELATED
# The History button of every model leads to the log; those with the mixin have a button "Deleted records" as well.
AUDIT_ADMIN_HISTORY = True
# Filters of the product's own on the log's page.
AUDIT_FILTERS = [
    "sample_project.hiring.filters.Interviewer",
    "sample_project.hiring.filters.InterviewCandidate",
]
# What a photographer's tablet may record by GraphQL.
AUDIT_GRAPHQL_EVENTS = {
    "photo.approved": "studio.change_submission",
    "photo.rejected": "studio.change_submission",
}
# Looking at one of these is recorded.
AUDIT_PERSONAL = ["people.Person", "hiring.Candidate"]

# Importing needs the right to change, exporting the right to view.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "change"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
