"""Test settings of such a project."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

AUDIT_CAPTURE = False
DATABASES = {"default": {**DATABASES["default"], "NAME": f"{DATABASES['default']['NAME']}_host"}}
