"""Which engines there are to test with."""

from __future__ import annotations

import os
from importlib.util import find_spec

#: What the lane says is installed: without that, a broken installation would pass by testing nothing.
EXPECTED = os.environ.get("AUDIT_GRAPHQL_ENGINES", "strawberry graphene").split()
ENGINES = [name for name in ("strawberry", "graphene") if find_spec(name)]
