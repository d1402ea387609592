"""What a program says when it makes a session, on its way to the engine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Optional, Union

from . import _exit, _log, _ucwa

Setting = Union[str, int, bool]
FilePath = Union[str, os.PathLike[str]]


def engine(
    user: Optional[str],
    domain: Optional[str],
    root_url: Optional[str],
    username: Optional[str],
    password: Optional[str],
    ca_file: Union[FilePath, Iterable[FilePath], None],
    allow_http: bool,
    proxy: Optional[str],
    user_agent: Optional[str],
    settings: Mapping[str, Setting],
) -> _ucwa.Session:
    """The engine's session, with its log records on their way."""
    if password is not None:
        name = username or (user or "").removeprefix("sip:")
        if not name:
            raise ValueError("a password needs a username, or a user")
        credentials: Optional[tuple[str, str]] = (name, password)
    elif username is not None:
        raise ValueError("a username needs a password; to be asked for both, give credentials=")
    else:
        credentials = None
    # Who answers questions for credentials is known from the beginning here: nobody comes later to wait for them.
    chosen: dict[str, Setting] = {"credentials.grace_s": 0, **settings}
    if allow_http:
        chosen["allow_http"] = True
    _log.start()
    made = _ucwa.Session(
        user=user,
        domain=domain,
        root_url=root_url,
        password=credentials,
        root_certs=[Path(file).read_bytes() for file in _files(ca_file)],
        proxy=proxy,
        user_agent=user_agent,
        settings=[(key, _text(value)) for key, value in chosen.items()],
    )
    _exit.remember(made)
    return made


def _files(given: Union[FilePath, Iterable[FilePath], None]) -> Iterable[FilePath]:
    if given is None:
        return ()
    return (given,) if isinstance(given, (str, os.PathLike)) else given


def _text(value: Setting) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
