"""A Celery application whose broker is a directory; imported by the tests and by the workers they start."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from celery import Celery

FOLDER = os.environ.get("AUDIT_TEST_BROKER") or tempfile.mkdtemp(prefix="audit-celery-")
if "AUDIT_TEST_BROKER" not in os.environ:
    atexit.register(shutil.rmtree, FOLDER)

#: What a worker prints that a message has reached.
PONG = "a message has arrived"

app = Celery("tests.context.celery_app", broker="filesystem://")
app.conf.update(
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    broker_transport_options={"data_folder_in": FOLDER, "data_folder_out": FOLDER, "control_folder": FOLDER},
)


def create(name: str) -> None:
    from tests.testapp.models import Author

    Author.objects.create(name=name)


@app.task
def ping() -> None:
    print(PONG, flush=True)


@app.task
def write(name: str) -> None:
    create(name)


@app.task
def delegate(name: str) -> None:
    create(name)
    write.delay(f"{name}'s subtask")


@app.task(bind=True, max_retries=1)
def retry(self, name: str) -> None:
    create(f"{name} {self.request.retries}")
    if not self.request.retries:
        raise self.retry(countdown=0)


@app.task
def fail(name: str) -> None:
    create(name)
    raise RuntimeError("on purpose")
