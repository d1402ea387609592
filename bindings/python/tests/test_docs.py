"""The Python of README.md, docs/PYTHON.md and the packages' own docstrings is run, as printed, against the simulator."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap

import pytest

import ucwa
import ucwa.aio
from conftest import PASSWORD, ROOT, USER

# Only where the server is and what the password is are not as printed. The rest of it gives the pieces a world: names
# that the page explains elsewhere, and an end to what would go on for ever.
PREAMBLE = """
import functools, getpass, threading
import ucwa, ucwa.aio

here = {connection!r}

def made(cls):
    def make(user, password=None, credentials=None):
        password = {password!r} if password else None
        return cls(user, password=password, credentials=credentials, **here)
    return make

ucwa.Session, ucwa.aio.Session = made(ucwa.Session), made(ucwa.aio.Session)
getpass.getpass = lambda: {password!r}
"""
ONLINE = """
session = ucwa.Session({user!r}, password="...").open()
threading.Timer(2, session.start_meeting).start()
threading.Timer(4, session.close).start()
"""
CALLED = """
tosh = ucwa.Session("sip:tosh@contoso.com", password="...").open()
session = ucwa.Session({user!r}, password="...").open()

def call():
    meeting = tosh.start_meeting("Lunch")
    while meeting.add_participant({user!r}).wait(30) != "accepted":
        pass  # not available yet
    session.close()
    tosh.close()

threading.Thread(target=call).start()
"""


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


def indented(docstring: str | None) -> str:
    lines = (docstring or "").splitlines()
    return textwrap.dedent("\n".join(line for line in lines if line.startswith("    ") or not line)).strip()


def run(sim, program: str, prints: str, world: str = "") -> str:
    preamble = PREAMBLE.format(connection=sim.connection, password=PASSWORD) + world.format(user=USER)
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", preamble + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    printed = ""
    while process.stdout is not None and (line := process.stdout.readline()):
        printed += line
        if re.search(prints, printed):
            # Some go on until Ctrl-C.
            process.send_signal(signal.SIGINT)
            break
    rest, errors = process.communicate(timeout=60)
    assert re.search(prints, printed), printed + errors
    assert process.returncode == 0 or "KeyboardInterrupt" in errors, errors
    return printed + rest


PYTHON = blocks((ROOT / "docs/PYTHON.md").read_text())


def test_readme(sim):
    (block,) = blocks((ROOT / "README.md").read_text())
    assert block.count("\n") <= 12
    run(sim, block, r"added Lene Aaling\n(.*\n)*sip:bo@contoso.com accepted\n\['Lene Aaling', 'Bo Lind'\]\n")


@pytest.mark.parametrize("module", [ucwa, ucwa.aio], ids=lambda module: module.__name__)
def test_docstring(sim, module):
    program = indented(module.__doc__)
    assert "start_meeting" in program
    run(sim, program, r"accepted\n")


@pytest.mark.parametrize(
    ("marker", "world", "prints"),
    [
        ("with ucwa.Session", "", r"^accepted\n"),
        ("session.on_invitation(lambda", ONLINE, r"(?s)None\n.*accepted\n"),
        ("def ring", CALLED, r"asks about Lunch\n"),
        ("for event in session.events(timeout=30)", ONLINE, r"Lene Aaling came\n(.*\n)* accepted\n"),
        ("ucwa.aio.Session", "", r"accepted\n"),
        ("def credentials", "import atexit; atexit.register(lambda: print(session.open().state))\n", r"Online\n"),
    ],
)
def test_python_md(sim, marker, world, prints):
    (block,) = [block for block in PYTHON if marker in block]
    run(sim, block, prints, world)


def test_every_block_is_run():
    assert len(PYTHON) == 6
