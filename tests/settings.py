"""The product's test settings with the models of tests/testapp, which are odd on purpose."""

from sample_project.settings_test import *  # noqa: F403
from sample_project.settings_test import AUDIT_MODELS, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "hijack", "tests.testapp"]
AUDIT_MODELS = [*AUDIT_MODELS, "testapp.*", "-testapp.Untracked"]

# Most tests sign in without being about that.
AUDIT_SIGN_INS = False
