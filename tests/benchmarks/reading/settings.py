"""The product's settings on a database of its own, so that nobody's data gets in the way."""

from __future__ import annotations

import os

from sample_project.postgres import database
from sample_project.settings import *  # noqa: F403

DEBUG = False
DATABASES = {"default": database(os.environ.get("DATABASE_NAME", "audit_reading"))}
# Half of the entries are of models that exist.
AUDIT_MODELS: list[str] = []
