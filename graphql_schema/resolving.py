"""Running what a field stands for: errors become codes, and the event loop is never blocked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async

from graphql_schema.errors import ApiError, as_api_error


def resolve(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a function returns; in an event loop, an awaitable of it.

    Args:
        function: The function.
        *args: Its arguments.
        **kwargs: Its keyword arguments.

    Raises:
        ApiError: Whatever goes wrong.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _guarded(function, *args, **kwargs)
    return sync_to_async(_guarded)(function, *args, **kwargs)


def _guarded(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except ApiError:
        raise
    except Exception as error:
        raise as_api_error(error) from error
