"""Django's command line for the sample project: `python sample_project/manage.py <command>`."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sample_project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    # Python puts this file's own directory first, where our apps would shadow other packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    main()
