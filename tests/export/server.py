"""The product with two addresses more, for servers that tests start as processes of their own.

The environment names the database: `DATABASE_NAME` is that of the test.
"""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.export.server_settings")

wsgi = get_wsgi_application()
asgi = get_asgi_application()
