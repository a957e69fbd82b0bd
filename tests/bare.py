"""The plugin with its own dependencies only: no GraphQL library, no import-export, no Celery. Run by `tox -e bare`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType

import django
from django.conf import settings

from sample_project.postgres import database

ABSENT = [
    "strawberry",
    "graphene_django",
    "import_export",
    "celery",
    "rest_framework",
    "django_htmx",
    "pytest",
]

settings.configure(
    SECRET_KEY="tests",
    USE_TZ=True,
    ROOT_URLCONF="bare_urls",
    ALLOWED_HOSTS=["*"],
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": database(f"{database()['NAME']}_bare")},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "audit_plugin",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "audit_plugin.middleware.AuditMiddleware",
    ],
    TEMPLATES=[
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
    ],
    AUDIT_MODELS=["auth.User"],
)


def expect(found: object, wanted: object) -> None:
    """Stop with a message where something is not as it should be."""
    if found != wanted:
        sys.exit(f"expected {wanted!r}, found {found!r}")


def main() -> None:
    """Install, write, and read the log's pages."""
    present = [name for name in ABSENT if find_spec(name)]
    expect(present, [])
    django.setup()
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.urls import path

    from audit_plugin.models import Entry

    urls = ModuleType("bare_urls")
    urls.urlpatterns = [path("admin/", admin.site.urls)]  # type: ignore[attr-defined]
    sys.modules["bare_urls"] = urls
    call_command("check", fail_level="WARNING")
    call_command("migrate", verbosity=0)
    call_command("makemigrations", "--check", "--dry-run")
    call_command("audit_doctor", verbosity=0)
    User.objects.filter(username="ann").delete()
    ann = User.objects.create_superuser("ann", "ann@example.com", "secret")
    entry = Entry.objects.filter(model="auth.user", object_id=str(ann.pk), action="create").get()
    expect(entry.masked, ["password"])
    client = Client()
    client.force_login(ann)
    for page in ("", f"{entry.pk}/change/"):
        expect(client.get(f"/admin/audit_plugin/entry/{page}").status_code, 200)
    print("The plugin works by itself.")


if __name__ == "__main__":
    main()
