"""Settings of the servers that these tests start."""

from sample_project.settings import *  # noqa: F403
from sample_project.settings import AUDIT_MODELS, INSTALLED_APPS

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "tests.testapp"]
AUDIT_MODELS = [*AUDIT_MODELS, "testapp.*", "-testapp.Untracked"]
CSRF_TRUSTED_ORIGINS = ["https://desk.example", "https://*.trusted.example"]
AUDIT_FEED_RECHECK_SECONDS = 1
AUDIT_FEED_HEARTBEAT_SECONDS = 2
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
