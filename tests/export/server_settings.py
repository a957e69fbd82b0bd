"""Settings of the servers that the tests start."""

from sample_project.settings import *  # noqa: F403
from sample_project.settings import INSTALLED_APPS

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "tests.testapp"]
ROOT_URLCONF = "tests.export.urls"
