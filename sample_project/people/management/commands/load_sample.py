from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sample_project.sample.accounts import SIGN_INS, load_accounts
from sample_project.sample.cities import ImportFailedError, load_cities, sign_in
from sample_project.sample.history import load_history


class Command(BaseCommand):
    help = (
        "Load the sample data: accounts, the world's larger cities, a year at a photo studio. Repeat at will."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self._began = time.monotonic()
        users = load_accounts()
        self._report(f"{len(users)} accounts")
        admin = SIGN_INS[0]
        try:
            load_cities(sign_in(admin.username, admin.password), self._report)
        except ImportFailedError as error:
            raise CommandError(str(error)) from error
        load_history(users, self._report)
        self._report("Sample data complete.")

    def _report(self, text: str) -> None:
        self.stdout.write(f"  {time.monotonic() - self._began:5.1f} s  {text}")
