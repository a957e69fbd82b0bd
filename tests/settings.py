"""The product's test settings with the models of tests/testapp, which are odd on purpose."""

from importlib.util import find_spec

from sample_project.settings_test import *  # noqa: F403
from sample_project.settings_test import AUDIT_MODELS, INSTALLED_APPS

# The lanes of GraphQL have no more than they need.
OPTIONAL = [name for name in ["hijack"] if find_spec(name)]
INSTALLED_APPS = [*INSTALLED_APPS, *OPTIONAL, "tests.testapp"]
AUDIT_MODELS = [*AUDIT_MODELS, "testapp.*", "-testapp.Untracked"]

# Tests of that turn it on.
AUDIT_ADMIN_HISTORY = False
# Most tests sign in without being about that.
AUDIT_SIGN_INS = False
