"""Forks: a child has nothing of its parent's sessions, whose threads and locks stayed behind."""

from __future__ import annotations

import os

from ._errors import ForkedError

generation = 0
"""How often this process was forked, counted from the first of its ancestors that loaded this module."""


def check(born: int) -> None:
    """Raises `ForkedError` when what was made in generation `born` belongs to the parent."""
    if born != generation:
        raise ForkedError("it belongs to the parent of this process; make a new session after a fork")


def _forked() -> None:
    global generation
    generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
