from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HiringConfig(AppConfig):
    name = "sample_project.hiring"
    label = "hiring"
    verbose_name = _("Hiring")
