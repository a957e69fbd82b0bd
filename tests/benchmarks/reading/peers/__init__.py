"""The same entries as django-auditlog and django-pghistory would have stored them, and their pages.

They live in a schema of the log's own database, and their project is one of its own: neither of ours.
"""

from __future__ import annotations

import re

#: The schema; and the environment variable with the models: JSON of label and whether its keys are UUIDs.
SCHEMA = "reading_peers"
MODELS = "READING_PEERS_MODELS"
APP = "peers"


def name_of(label: str) -> str:
    """Return the name of the model that stands for one of the log's: `people.tag` becomes `PeopleTag`."""
    return "".join(part.title() for part in re.split(r"[._]", label))
