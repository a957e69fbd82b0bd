"""The demo's web server: uvicorn with Django's static files, without reloading."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler


def make_server(host: str, port: int) -> uvicorn.Server:
    """Return a server that `run` starts in this thread."""
    from sample_project.asgi import application

    config = uvicorn.Config(
        ASGIStaticFilesHandler(application),  # type: ignore[arg-type] # Any application will do.
        host=host,
        port=port,
        lifespan="off",
        log_level="warning",
        # An open page of live entries would keep the server from ending otherwise.
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


@contextmanager
def running(host: str, port: int) -> Iterator[str]:
    """Serve from another thread while the block runs; yields the address.

    Raises:
        RuntimeError: The server doesn't start.
    """
    server = make_server(host, port)
    thread = threading.Thread(target=server.run, name="demo server")
    thread.start()
    try:
        deadline = time.monotonic() + 15
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"The web server doesn't start on {host}:{port}.")
            time.sleep(0.02)
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)
