"""What goes wrong, as one tree of exceptions."""

from __future__ import annotations

import builtins
from typing import Optional


# The engine makes these and sets what differs from the defaults. Made without Python code of ours (no __init__), see
# bindings/python/src/lib.rs.
class Error(Exception):
    """The root of all exceptions of this package. Its text says what was tried, what came of it and what to do."""

    tried: str = ""
    """What was under way, such as "POST https://host/path" or "start a meeting"."""
    came: str = ""
    """What came of it."""
    advice: str = ""
    """What to do about it; may be empty."""
    code: str = ""
    """The server's own error code, such as "Conflict"; "" when it gave none."""
    subcode: str = ""
    """What refines the code, such as "AlreadyExists"; "" when the server gave none."""
    message: str = ""
    """The server's own text; "" when it gave none."""
    parameters: tuple[tuple[str, str], ...] = ()
    """With code "BadRequest": name and reason of each parameter that the server refused."""
    http_status: Optional[int] = None
    """The HTTP status, when an answer came."""
    retryable: bool = False
    """Whether the same call may succeed later."""
    retry_after: Optional[float] = None
    """How many seconds the server asks to wait."""
    may_have_worked: bool = False
    """Whether the request left and no answer came: it may have done its work."""
    diagnostics: Optional[str] = None
    """The server's mark of the request, for whoever reads its log."""
    invitation: Optional[int] = None
    """From `add_participant`: the id of the invitation that the failed request was for, as in events."""


class InvalidArgumentError(Error, ValueError):
    """A value passed in is bad; nothing was sent."""


class WrongStateError(Error):
    """The call does not fit the state of the session."""


class ClosedError(Error):
    """The session is closed, or was closed meanwhile."""


class ForkedError(ClosedError):
    """The object belongs to the parent of this process. Make a new session after a fork."""


class CancelledError(Error):
    """The operation was cancelled."""


class TimeoutError(Error, builtins.TimeoutError):
    """The time allowed is over. Also a builtin TimeoutError."""


class NotFoundError(Error, LookupError):
    """Unknown or expired id, or an unknown setting."""


class NotAllowedError(Error):
    """The server offers no link for this now; nothing was sent."""


class UnsupportedError(Error):
    """The server or this build lacks it."""


class CredentialsError(Error):
    """The server did not accept the credentials, or nobody gave any."""


class NetworkError(Error):
    """No connection, or it broke."""


class TlsError(NetworkError):
    """The server's certificate or its version of TLS was not accepted."""


class DiscoveryError(Error):
    """Autodiscovery found no server."""


class ProtocolError(Error):
    """The answer could not be understood, or led to an origin that is not trusted."""


class ServerError(Error):
    """The server answered with an error of its own: see `code`, `subcode`, `http_status`."""


class ThrottledError(ServerError):
    """Too many requests: see `retry_after`."""


class InternalError(Error):
    """A defect of this library, caught."""


for _class in list(vars().values()):
    if isinstance(_class, type) and issubclass(_class, Error):
        _class.__module__ = "ucwa"
del _class
