"""Answers to a session's questions for credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from . import _ucwa


@dataclass(frozen=True)
class Password:
    """A user name and a password, as the answer to a question for credentials."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """A bearer token, as the answer to a question for credentials."""

    token: str = field(repr=False)
    expires_in: Optional[float] = None
    """Seconds that it is good for from now on, if that is known."""


Answer = Union[Password, Token, tuple[str, str], None]
Asked = Callable[[_ucwa.CredentialsNeededEvent], Any]
"""Given the question; gives an `Answer` (in `ucwa.aio` perhaps an awaitable of one). None: there are none."""


def answer(engine: _ucwa.Session, question: _ucwa.CredentialsNeededEvent, answer: object) -> None:
    """Passes on what the program's function gave. Raises TypeError, the question refused, when it is no answer."""
    request = question.request_id
    if isinstance(answer, Token):
        engine.supply_token(request, answer.token, answer.expires_in)
    elif isinstance(answer, Password):
        engine.supply_password(request, answer.user, answer.password)
    elif isinstance(answer, tuple) and len(answer) == 2 and all(isinstance(part, str) for part in answer):
        engine.supply_password(request, *answer)
    elif answer is None:
        engine.refuse_credentials(request, "the program has none")
    else:
        engine.refuse_credentials(request, "the program's answer was of a wrong type")
        raise TypeError(f"credentials() gave a {type(answer).__name__}; wanted a Password, a Token, (user, password) or None")


def refuse(engine: _ucwa.Session, question: _ucwa.CredentialsNeededEvent, error: BaseException) -> None:
    """The program's function failed."""
    engine.refuse_credentials(question.request_id, f"credentials() raised {type(error).__name__}")
