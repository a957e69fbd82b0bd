from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit_plugin"
    verbose_name = _("Audit log")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit_plugin import checks  # noqa: F401 - registers the checks
        from audit_plugin.context import install

        install()
        if apps.is_installed("django.contrib.auth"):
            from audit_plugin.events import invitations, signins

            signins.install()
            invitations.install()
        if apps.is_installed("django.contrib.admin"):
            from audit_plugin.admin import reads

            reads.install()
        if apps.is_installed("import_export"):
            from audit_plugin.contrib import importexport

            importexport.install()
        if apps.is_installed("hijack"):
            from audit_plugin.contrib import hijack

            hijack.install()
        if find_spec("celery") is not None:
            from audit_plugin.contrib import celery

            celery.install()
        pre_migrate.connect(_before_migrations, sender=self, dispatch_uid="audit_plugin")
        post_migrate.connect(_after_migrations, sender=self, dispatch_uid="audit_plugin")


def _before_migrations(using: str, plan: list[Any], **kwargs: Any) -> None:
    from audit_plugin.capture import install, spec

    if plan and using in spec.database_aliases():
        install.generalise(using)


def _after_migrations(using: str, **kwargs: Any) -> None:
    from audit_plugin.capture import install, spec
    from audit_plugin.events import coverage

    # `flush` sends the signal too, after every TransactionTestCase, but has changed no table and sends no plan.
    if "plan" not in kwargs or using not in spec.database_aliases():
        return
    if any(backwards and migration.app_label == "audit_plugin" for migration, backwards in kwargs["plan"]):
        return  # The log has just been dropped.
    install.install(using)
    if "auth.Group" in {model._meta.label for model in kwargs["apps"].get_models()}:
        from audit_plugin.visibility.groups import create_groups

        create_groups(using)
    coverage.compare_quietly(using)
