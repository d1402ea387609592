"""A program on a pseudo-terminal."""

from __future__ import annotations

import codecs
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable

from program import PATIENCE, command, environment


class Terminal:
    def __init__(self, *arguments: str, **more: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command(*arguments),
            env=environment(TERM="xterm", COLUMNS="120", LINES="40", **more),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""

    def until(self, found: Callable[[str], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not found(self.text):
            assert time.monotonic() < deadline, self.text
            if select.select([self._ours], [], [], 1)[0]:
                try:
                    self.text += self._decoder.decode(os.read(self._ours, 65536))
                except OSError:  # Linux's word for the end
                    assert found(self.text), self.text
                    return

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.until(lambda text: "Closing -> Closed" in text)
        try:
            while os.read(self._ours, 65536):
                pass
        except OSError:
            pass
        os.close(self._ours)
        return self.process.wait(PATIENCE)
