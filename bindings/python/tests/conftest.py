"""What every test has: the simulator as a program of its own, and a session that knows it."""

from __future__ import annotations

import json
import os
import pathlib
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from typing import Any, Callable, Optional

import pytest

import ucwa
import ucwa.aio

ROOT = pathlib.Path(__file__).parents[3]
USER, PASSWORD = "sip:lene@contoso.com", "Pa55w.rd!"


class Simulator:
    """A running `ucwa-sim`, and its control API (docs/SIMULATOR.md)."""

    def __init__(self, *arguments: str) -> None:
        program = os.environ.get("UCWA_SIM", str(ROOT / "target/debug/ucwa-sim"))
        self._process = subprocess.Popen([program, "--tls", *arguments], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.where: dict[str, str] = json.loads(self._process.stdout.readline())
        self._trust = ssl.create_default_context(cafile=self.where["ca_pem"])

    @property
    def root_url(self) -> str:
        return self.where["root_url"]

    @property
    def ca(self) -> str:
        return self.where["ca_pem"]

    @property
    def connection(self) -> dict[str, Any]:
        """What a session needs to be told to reach it. No proxy of the machine may come between."""
        return {"root_url": self.root_url, "ca_file": self.ca, "proxy": ""}

    def control(self, method: str, path: str, body: Optional[object] = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.where["control_url"] + path, data, {"Content-Type": "application/json"}, method=method
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._trust)
        )
        with opener.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def truth(self) -> Any:
        return self.control("GET", "truth")

    def requests(self) -> Any:
        return self.control("GET", "requests")

    def fault(self, **fault: object) -> Any:
        return self.control("POST", "faults", fault)

    def stop(self) -> None:
        self._process.terminate()  # not killed: it takes its files along
        self._process.wait(60)
        if self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    simulator = Simulator()
    yield simulator
    simulator.stop()


@pytest.fixture
def new_session(sim: Simulator) -> Iterator[Callable[..., ucwa.Session]]:
    """Makes sessions of lene's; closes them after the test."""
    made: list[ucwa.Session] = []

    def make(**changed: Any) -> ucwa.Session:
        session = ucwa.Session(**{"user": USER, "password": PASSWORD, **sim.connection, **changed})
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()


@pytest.fixture
def session(new_session: Callable[..., ucwa.Session]) -> ucwa.Session:
    """Online."""
    return new_session().open(timeout=30)
