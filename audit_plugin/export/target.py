"""Where a command puts a file: under its name only when it is whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

STDOUT = "-"


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open a file that appears when the block ends, and not at all when it fails.

    It can be read by its owner only: what is in the log is nobody else's business.

    Args:
        path: The file, or `-` for the standard output.
    """
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    wanted = Path(path)
    with NamedTemporaryFile(
        dir=wanted.parent, prefix=f".{wanted.name}.", suffix=".part", delete=False
    ) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, wanted)
        except BaseException:
            os.unlink(file.name)
            raise
