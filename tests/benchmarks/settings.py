"""Settings of one contestant's project; BENCH_CONTESTANT says whose."""

from __future__ import annotations

import os

from sample_project.postgres import database
from tests.benchmarks.contestants import CONTESTANTS, PLAIN, Contestant

CONTESTANT: Contestant = CONTESTANTS[os.environ.get("BENCH_CONTESTANT", PLAIN)]

SECRET_KEY = "only-for-the-benchmark"
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(f"{os.environ.get('DATABASE_NAME', 'bench')}_{CONTESTANT.name}")}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *CONTESTANT.requires,
    CONTESTANT.module,
]
globals().update(CONTESTANT.settings)
