"""Exceptions that nobody can catch: out of functions that were given to this package."""

from __future__ import annotations

import sys
import traceback
from types import SimpleNamespace


def unraisable(error: BaseException, culprit: object) -> None:
    """Shows it to `sys.unraisablehook`, beside the object that it came from.

    In Python and not by the interpreter's own function: that would run the hook below a frame of the extension, and a thread
    that the interpreter ends there at its exit takes the whole process with it.
    """
    hook = sys.unraisablehook
    if hook is not sys.__unraisablehook__:
        # Its argument's class cannot be made here; the attributes are what hooks go by.
        hook(
            SimpleNamespace(
                exc_type=type(error), exc_value=error, exc_traceback=error.__traceback__, err_msg=None, object=culprit
            )
        )
    elif sys.stderr is not None:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        sys.stderr.write(f"Exception ignored in: {culprit!r}\n{text}")
        sys.stderr.flush()
