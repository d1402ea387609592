"""A program that has both in one process: libucwa.so, by ctypes, and the module. Started by test_packaging.py with which
comes first ("library" or "module"), how the library is loaded ("local" or "global") and where the simulator is, as JSON.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import sys
from typing import Any

PASSWORD = "Pa55w.rd!"
WAIT_MS = 60_000


class Counts(ctypes.Structure):
    """`ucwa_counts`."""

    NAMES = ("configs", "sessions", "readers", "subscriptions", "events", "rosters", "threads")
    _fields_ = [("struct_size", ctypes.c_uint32), *((name, ctypes.c_uint32) for name in NAMES)]


class Roster(ctypes.Structure):
    """The head of `ucwa_roster`."""

    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("complete", ctypes.c_uint32),
        ("revision", ctypes.c_uint64),
        ("conversation", ctypes.c_uint64),
        ("count", ctypes.c_size_t),
    ]


class Library:
    """libucwa.so; a call that fails raises, with the library's own message."""

    def __init__(self, binding: str) -> None:
        mode = {"local": ctypes.RTLD_LOCAL, "global": ctypes.RTLD_GLOBAL}[binding]
        self._library = ctypes.CDLL(os.environ["UCWA_LIB"], mode=mode | os.RTLD_NOW)

    def __call__(self, function: str, *arguments: Any) -> None:
        called = getattr(self._library, f"ucwa_{function}")
        called.restype = ctypes.c_int32
        self._check(function, called(*arguments))

    def _check(self, function: str, status: int) -> None:
        if status != 0:
            message = ctypes.create_string_buffer(1000)
            self._library.ucwa_last_error_message(message, ctypes.c_size_t(len(message)))
            raise AssertionError(f"ucwa_{function}: {status}: {message.value.decode()}")

    def counts(self) -> dict[str, int]:
        counts = Counts(struct_size=ctypes.sizeof(Counts))
        self("debug_counts", ctypes.byref(counts))
        return {name: getattr(counts, name) for name in Counts.NAMES}

    def session(self, user: str, where: dict[str, str]) -> ctypes.c_void_p:
        config, session = ctypes.c_void_p(), ctypes.c_void_p()
        with open(where["ca_pem"], "rb") as file:
            authority = file.read()
        self("config_new", ctypes.byref(config))
        self("config_set_discovery_url", config, where["root_url"].encode())
        self("config_set_user", config, user.encode())
        self("config_set_password", config, user.removeprefix("sip:").encode(), PASSWORD.encode())
        self("config_set_proxy", config, b"")
        self("config_add_root_certs_pem", config, authority, ctypes.c_size_t(len(authority)))
        self("session_new", config, ctypes.byref(session))
        self("config_free", config)
        self.wait(session, "session_open")
        return session

    def wait(self, session: ctypes.c_void_p, function: str, *arguments: Any) -> int:
        """What came of an operation, when it has ended."""
        operation, result, made = ctypes.c_uint64(), ctypes.c_int32(), ctypes.c_uint64()
        self(function, session, *arguments, ctypes.byref(operation))
        self("session_wait", session, operation, WAIT_MS, ctypes.byref(result), ctypes.byref(made))
        self._check(function, result.value)
        return made.value

    def people(self, session: ctypes.c_void_p, conversation: int) -> int:
        roster = ctypes.POINTER(Roster)()
        self("roster_snapshot", session, ctypes.c_uint64(conversation), ctypes.byref(roster))
        count = int(roster.contents.count)
        self._library.ucwa_roster_unref(roster)
        return count


def main(first: str, binding: str, where: dict[str, str]) -> None:
    if first == "module":
        ucwa = importlib.import_module("ucwa")
        library = Library(binding)
    else:
        library = Library(binding)
        ucwa = importlib.import_module("ucwa")

    connection = {"root_url": where["root_url"], "ca_file": where["ca_pem"], "proxy": ""}
    with ucwa.Session("sip:lene@contoso.com", password=PASSWORD, **connection) as lene:
        assert not any(library.counts().values()), f"the module lives in the library: {library.counts()}"
        meeting = lene.start_meeting("Planning", timeout=60)
        joined = lene.events([ucwa.ParticipantEvent], timeout=60)

        tosh = library.session("sip:tosh@contoso.com", where)
        conversation = library.wait(tosh, "meeting_join", meeting.meeting.uri.encode(), None)
        assert library.people(tosh, conversation) == 2
        next(event for event in joined if event.participant.uri == "sip:tosh@contoso.com")
        assert library.counts()["sessions"] == 1

        # The end of the one is not the end of the other.
        library("session_free", tosh)
        library("shutdown", ctypes.c_int32(WAIT_MS))
        assert not any(library.counts().values()), library.counts()
        assert lene.state == "Online"
        assert meeting.add_participant("sip:ana@contoso.com").wait(60) == "accepted"
    library.wait(library.session("sip:tosh@contoso.com", where), "session_close")
    print("both work")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
