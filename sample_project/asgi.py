from __future__ import annotations

import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sample_project.settings")
# After the settings, which Django needs for what this imports.
django_application = get_asgi_application()

from graphql_schema.transports import AuditWebSockets  # noqa: E402

application = AuditWebSockets(django_application, path="/graphql/")

# What is loaded by now stays: without this Python looks through all of it for garbage now and then, and streams wait for that.
gc.collect()
gc.freeze()
