"""Waiting in a loop: for a wait handle, for the end of an operation."""

from __future__ import annotations

import asyncio
from typing import Callable

from .. import _ucwa
from .._operation import Operation
from .._wait import Waitable

_SLICE = 0.01


async def readable(waitable: Waitable) -> None:
    """Returns when the handle is readable, in the running loop."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(waitable.fileno(), ready.set)
    except NotImplementedError:
        await asyncio.sleep(_SLICE)
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(waitable.fileno())


async def run(engine: _ucwa.Session, begin: Callable[[], int]) -> int:
    """Begins an operation, awaits its end and gives its result. Who stops waiting cancels it."""
    with Operation(engine, begin) as operation:
        while (result := operation.look()) is None:
            await readable(operation.reader)
        return result
