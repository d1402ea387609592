"""What both commands are told: which server, who, and by which settings."""

from __future__ import annotations

import argparse
import logging
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, NoReturn, Optional
from urllib.parse import urlsplit

from .._session import Session
from .._settings import Setting

STATUS = (
    "Exit status: 0 done (watch: the time is over, Ctrl-C, or the conversation ended; doctor: healthy), 1 the session or a step "
    "of the sign-in failed, 2 the options make no sense."
)
Run = Callable[[argparse.ArgumentParser, argparse.Namespace], int]


def add_command(
    commands: Any,
    name: str,
    summary: str,
    description: Optional[str],
    add_options: Callable[[argparse.ArgumentParser], None],
    run: Run,
) -> None:
    """One command, with the options that all have."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=STATUS, allow_abbrev=False
    )
    server = parser.add_argument_group("server", "which one; without both, autodiscovery begins at the user's domain")
    where = server.add_mutually_exclusive_group()
    where.add_argument("--root-url", metavar="URL", help="address of the root resource or of an entry point of autodiscovery")
    where.add_argument("--domain", help="SIP domain to discover")
    server.add_argument("--ca", metavar="FILE", help="certificates (PEM) to trust besides those of the system")
    server.add_argument("--allow-http", action="store_true", help="allow plain http to this computer itself, for tests")
    who = parser.add_argument_group("who")
    who.add_argument("--user", metavar="SIP", help="SIP address of the account, such as sip:lene@contoso.com")
    who.add_argument("--username", metavar="NAME", help="name to sign in with (default: the user's address)")
    who.add_argument("--password-env", metavar="VARIABLE", help="the environment variable that holds the password")
    # Here to be refused: everybody on the machine can read a command line, and argparse would print it once more.
    who.add_argument("--password", action=_NoPassword, help=argparse.SUPPRESS)
    more = parser.add_argument_group("more")
    more.add_argument("--set", metavar="KEY=VALUE", type=_pair, action="append", default=[], dest="settings",
                      help="a setting of docs/CONFIG.md; may be repeated")  # fmt: skip
    more.add_argument("-v", "--verbose", action="count", default=0, help="log to stderr; twice: all details")
    add_options(parser)
    parser.set_defaults(run=run, of=parser)


def said(error: object) -> str:
    """What the library says, in the words of the command line."""
    text = str(error)
    for library, here in _WORDS.items():
        text = text.replace(library, here)
    return text


_WORDS = {
    "configure root certificates ``": "--ca",
    "with add_root_certs_pem": "with --ca FILE",
    "set allow_http to true": "give --allow-http",
    "configure a password, or answer the credentials event": "give --username and --password-env",
    "refused by the host: ": "",
}


class _NoPassword(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error("a password does not belong on a command line: put it into an environment variable and name that "
                     "with --password-env")  # fmt: skip


def seconds(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return number


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


@dataclass(frozen=True)
class Connection:
    """The options that both commands have, checked."""

    root_url: Optional[str]
    domain: Optional[str]
    ca: Optional[str]
    allow_http: bool
    user: Optional[str]
    username: Optional[str]
    password: Optional[str] = field(repr=False)
    settings: Mapping[str, str]

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> Connection:
        """Ends the program, status 2, when they make no sense."""
        if not (chosen.root_url or chosen.domain or chosen.user):
            parser.error("which server? give --root-url, --domain or --user")
        if chosen.root_url is not None and "@" in urlsplit(chosen.root_url).netloc:
            parser.error("no name and no password in --root-url: see --username and --password-env")
        if chosen.ca is not None:
            try:
                with open(chosen.ca, "rb"):
                    pass
            except OSError as error:
                parser.error(f"--ca {chosen.ca}: {error.strerror}")
        _log(chosen.verbose)
        return cls(
            chosen.root_url,
            chosen.domain,
            chosen.ca,
            chosen.allow_http,
            chosen.user,
            chosen.username,
            _password(parser, chosen),
            dict(chosen.settings),
        )

    def session(self, settings: Mapping[str, Setting] = {}) -> Session:
        """With these settings where --set says nothing else. Raises what `Session` raises; nothing is sent yet."""
        return Session(
            self.user,
            domain=self.domain,
            root_url=self.root_url,
            username=self.username,
            password=self.password,
            ca_file=self.ca,
            allow_http=self.allow_http,
            settings={**settings, **self.settings},
        )

    @property
    def server(self) -> str:
        """For people. Without the query, which may hold keys."""
        return (self.root_url or "").partition("?")[0] or self.domain or self.user or ""


def _password(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> Optional[str]:
    if chosen.password_env is None:
        if chosen.username is not None:
            parser.error("--username needs --password-env")
        return None
    if chosen.username is None and chosen.user is None:
        parser.error("--password-env needs --username or --user")
    password = os.environ.get(chosen.password_env)
    if not password:
        # The name is not repeated: it may be the password, given by mistake.
        parser.error("the environment variable named by --password-env is not set, or empty")
    try:
        password.encode()
    except UnicodeEncodeError:
        parser.error("the environment variable named by --password-env holds no UTF-8")
    return password


def _log(verbose: int) -> None:
    """Log records go to stderr when asked for; else the commands say in their own words what matters."""
    ours = logging.getLogger("ucwa")
    handler: logging.Handler = logging.NullHandler()
    if verbose:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        ours.setLevel(logging.INFO if verbose == 1 else logging.DEBUG)
    ours.addHandler(handler)
    ours.propagate = False
