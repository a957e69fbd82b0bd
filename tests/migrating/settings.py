"""The tests' settings with the migrating app, in a database of its own."""

from sample_project.postgres import database
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.migrating"]
DATABASES = {"default": database(f"{DATABASES['default']['NAME']}_migrating")}
