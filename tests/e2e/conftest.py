"""The demo, served by itself on a database of its own, and a headless Chromium that three people use."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.browsing import FLAGS, PATIENCE, Person, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Stay out of runs that don't ask for these tests.

    They take minutes, and Playwright's event loop would stay in the way of other tests' database access.
    """
    asked = any("e2e" in argument for argument in config.args)
    return None if asked else True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed")
    wanted = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else NAMES
    path = next(filter(None, map(shutil.which, wanted)), None)
    if path is None:
        pytest.skip(f"There is none of {', '.join(wanted)} here; the variable CHROMIUM names another.")
    # The machine may be slow; what never comes is waited for only once.
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


def environment(settings: str) -> dict[str, str]:
    database = f"{os.environ.get('DATABASE_NAME', 'audit_plugin')}_e2e"
    return {
        **os.environ,
        "DATABASE_NAME": database,
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(ROOT),
    }


def serve(settings: str, *options: str) -> Iterator[str]:
    """Run the demo and yield its address as soon as it answers.

    Raises:
        RuntimeError: It ended by itself; its output is the message.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sample_project.demo", "--port", str(port), *options]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(settings),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if line.startswith("Open "):
                break
        else:
            raise RuntimeError("".join(said))
        _wait_for(port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


@pytest.fixture(scope="session")
def demo(browser: Browser) -> Iterator[str]:
    """The demo's address."""
    yield from serve("tests.e2e.settings", "--fresh")


@pytest.fixture(scope="session")
def scene(demo: str) -> dict[str, str]:
    """Things that have happened, by the keys of what they were done to."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.scene"],
        cwd=ROOT,
        env=environment("tests.e2e.settings"),
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture
def person(browser: Browser, demo: str, scene: dict[str, str]) -> Iterator[Callable[..., Person]]:
    """Return somebody of the demo, signed in with a browser of their own. What went wrong there fails the test."""
    met: list[Person] = []

    def meet(username: str = "auditor", **options: Any) -> Person:
        met.append(sign_in(browser, demo, username, **options))
        return met[-1]

    yield meet
    for who in met:
        who.leave()
