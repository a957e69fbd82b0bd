"""The error of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit_plugin.exceptions import AuditError
from audit_plugin.restore.codes import Code, text

if TYPE_CHECKING:
    from audit_plugin.restore.plans import Plan


class RestoreError(AuditError):
    """It can't be restored.

    Attributes:
        code: Why, for programs.
        message: Why, for people; translated when it is shown.
        plan: The plan that can't be carried out, where there is one.
    """

    def __init__(
        self, code: Code, key: str | None = None, *, plan: Plan | None = None, **values: Any
    ) -> None:
        self.code = code
        self.message = text(key or code.value, **values)
        self.plan = plan
        super().__init__(code.value)

    def __str__(self) -> str:
        return str(self.message)
