"""`python -m ucwa` as a program of its own."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Optional

from conftest import PASSWORD, USER, Simulator

PATIENCE = 60
SECRET = "UCWA_TEST_PASSWORD"


def environment(password: str = PASSWORD, **more: str) -> Mapping[str, str]:
    """No proxy of the machine may come between."""
    ours = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**ours, SECRET: password, **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ucwa", *arguments]


def at(sim: Simulator, *arguments: str) -> tuple[str, ...]:
    """Options that lead to the simulator, as lene."""
    return ("--root-url", sim.root_url, "--ca", sim.ca, "--user", USER, "--password-env", SECRET, *arguments)


def run(*arguments: str, password: str = PASSWORD, **more: str) -> subprocess.CompletedProcess[str]:
    """To its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(password, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


class Running:
    """A program whose lines are read while it runs."""

    def __init__(self, *arguments: str, password: str = PASSWORD) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            env=environment(password),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._new: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line)
        self._new.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.append(self.process.stderr.read())

    def until(self, found: Callable[[str], object]) -> str:
        """Reads lines up to the first that is looked for."""
        while (line := self._new.get(timeout=PATIENCE)) is not None:
            self.lines.append(line)
            if found(line):
                return line
        raise AssertionError(f"it ended before that: {self.lines}, {self.end()}")

    def interrupt(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Reads the rest; the exit status and what it said on stderr."""
        status = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        while not self._new.empty():
            line = self._new.get()
            if line is not None:
                self.lines.append(line)
        return status, "".join(self._errors)
