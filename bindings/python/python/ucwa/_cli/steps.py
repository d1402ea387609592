"""The steps of a sign-in as data: what each asks, and the words for what the engine's records (docs/LOG.md) say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

Record = Mapping[str, str]
"""The fields of one record."""


@dataclass(frozen=True)
class Step:
    name: str
    asks: str
    went_well: str = ""
    """Filled with the fields of the record; "" where the step is not told by records."""


OPTIONS = Step("options", "do the options make sense?")
CONNECTION = Step("connection", "does the server's computer answer, and is its certificate trusted?", "{origin} answers")
DISCOVERY = Step("discovery", "does the server lead to its users' entrance?", "{url} (HTTP {status}) leads to {leads_to} at {to}")
REDIRECT = Step("redirect", "", "{from} leads on to {to} ({by})")
CHALLENGE = Step(
    "challenge",
    "how does the server want to be signed in to?",
    "{url} offers {schemes} with the grants {grants}; taken: {taken}, at {endpoint}",
)
TOKEN = Step("token", "does the server accept who signs in?", "one for {origin}, made by the {from}, good for {lifetime_s} s")
USER = Step("user", "is the account known, and where is its application made?", DISCOVERY.went_well)
APPLICATION = Step("application", "may the account use UCWA?", "{url} (HTTP {status}, {was})")
EVENT_CHANNEL = Step("event channel", "does the server hold the request for events?", "{url}: {came}")
SIGN_OUT = Step("sign-out", "does the server let go?")

STEPS = (OPTIONS, CONNECTION, DISCOVERY, CHALLENGE, TOKEN, USER, APPLICATION, EVENT_CHANNEL, SIGN_OUT)
"""In their order. A redirect may happen anywhere."""

BY_RECORD = {
    "discovery": DISCOVERY,
    "redirect": REDIRECT,
    "challenge": CHALLENGE,
    "token": TOKEN,
    "application": APPLICATION,
    "event_channel": EVENT_CHANNEL,
}
"""The step that a record belongs to, by its field `step`; a `discovery` after the challenge belongs to USER."""

CONNECTION_KINDS = frozenset({"Network", "Timeout", "Tls"})
"""Failures below HTTP: these are failures of the connection, whatever it was for."""


@dataclass(frozen=True)
class Meaning:
    """What a failure usually means. What is None fits all."""

    text: str
    step: Optional[Step] = None
    kind: Optional[str] = None
    status: Optional[str] = None

    def fits(self, step: Step, record: Record) -> bool:
        return (
            self.step in (None, step)
            and self.kind in (None, record.get("kind"))
            and self.status in (None, record.get("status"))
        )


MEANINGS = (
    Meaning(
        "There is a server, but this computer has no reason to trust it, and nothing was sent to it. A company often has an "
        "authority of its own: get its certificate from the administrator and give it with --ca FILE.",
        kind="Tls",
    ),
    Meaning(
        "Nothing came back in time. A firewall that swallows what is sent does that, and so does a server that hangs.",
        kind="Timeout",
    ),
    Meaning("The server was not reached: see what the look of Python's own says of name and port.", kind="Network"),
    Meaning(
        "Something speaks HTTP there, but not UCWA as it should: another web server, the page of a proxy, or a link to a "
        "place that is not trusted. Check the address: it is that of the pool's web services, or lyncdiscover.DOMAIN.",
        step=DISCOVERY,
        kind="Protocol",
    ),
    Meaning("A server is there, but nothing at this address. Check the address.", step=DISCOVERY, status="404"),
    Meaning(
        "The server does not serve this program: 403 at discovery comes from a list of allowed origins, or from a gateway.",
        step=DISCOVERY,
        status="403",
    ),
    Meaning(
        "The server offers no way to sign in that this library can go (password, or a token made elsewhere).",
        step=CHALLENGE,
    ),
    Meaning(
        "The server asks who signs in, and nobody said: give --username and --password-env.",
        step=TOKEN,
        kind="CredentialsNeeded",
    ),
    Meaning(
        "Wrong password, unknown user, or an account that is locked: the server does not say which. Do not try often; that "
        "locks accounts.",
        step=TOKEN,
        kind="Auth",
    ),
    Meaning("The password was not judged: the service that makes tokens did not do its work.", step=TOKEN),
    Meaning(
        "The password is right, but the server does not know the account as one of its users, or does not let it in.",
        step=USER,
        status="403",
    ),
    Meaning(
        "The password is right, but this account is not allowed to make applications of UCWA. The administrator allows it by "
        "the account's policies (mobility, external access).",
        step=APPLICATION,
        status="403",
    ),
    Meaning("The token was made, but is not taken here.", kind="Auth"),
    Meaning("The server is there but cannot work just now. Come again later.", status="503"),
    Meaning("The server wants fewer requests. Come again later.", kind="Throttled"),
    Meaning(
        "Something on the way answered in the place of the server: a proxy, a gateway. Check the address and the proxy.",
        kind="Protocol",
    ),
    Meaning("The server says no, for reasons of its own. Its administrator finds them in its log.", kind="Server"),
    Meaning("A defect of this library. Please report it with the output of -vv.", kind="Internal"),
)
"""The first that fits is said."""


def meaning(step: Step, record: Record) -> str:
    return next((known.text for known in MEANINGS if known.fits(step, record)), "")


class _Absent(dict[str, str]):
    def __missing__(self, field: str) -> str:
        return "(nothing said)"


def words(step: Step, record: Record) -> str:
    return step.went_well.format_map(_Absent(record))
