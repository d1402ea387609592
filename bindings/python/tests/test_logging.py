"""The engine's records on their way into `logging`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from conftest import PASSWORD, USER
from programs import run

_KEEP = """
class Keep(logging.Handler):
    def __init__(self):
        super().__init__(1)
        self.records = []
    def emit(self, record):
        self.records.append(record)

keep = Keep()
logging.getLogger("ucwa").addHandler(keep)
"""

_STORY = """
with new() as session:
    meeting = session.start_meeting("Planning", timeout=30)
    meeting.add_participant(DAN, timeout=30).wait(30)
"""


def test_records_say_everything_but_secrets(sim):
    """All of them are there when a program ends that closed its session: handlers see the last one before they are shut."""
    lines = run(
        _KEEP
        + """
class Late(Keep):
    def emit(self, record):
        super().emit(record)
        time.sleep(0.001)  # the program is over before its records are

    def close(self):
        super().close()
        for record in self.records:
            say(json.dumps([record.name, record.levelno, record.getMessage(), record.ucwa, record.threadName]))

late = Late()
logging.getLogger("ucwa").addHandler(late)
logging.getLogger("ucwa").setLevel(5)
"""
        + _STORY,
        sim.connection,
    )
    records = [json.loads(line) for line in lines]
    names = {name for name, *_ in records}
    assert all(name.split(".")[0] == "ucwa" for name in names) and "ucwa.http" in names, names
    assert {level for _, level, *_ in records} <= {5, 10, 20, 30, 40}
    assert {level for _, level, *_ in records} & {5, 10}
    assert any(fields for *_, fields, _ in records)
    for _, _, message, fields, _ in records:
        for name, value in fields.items():
            assert f"{name}={value}" in message
    text = "\n".join(lines)
    assert PASSWORD not in text and "Pa55" not in text and "access_token" not in text and "cwt=" not in text
    sent = [value for request in sim.requests() for name, value in request["headers"] if name.lower() == "authorization"]
    assert sent, "a token was used"
    for value in sent:
        assert value.split()[-1].rstrip(".…")[:12] not in text
    # The last request of all is in the records.
    assert any("DELETE" in line for line in lines[-8:]), lines[-8:]


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        ({}, {}),
        ({"ucwa": "WARNING"}, {}),
        ({"ucwa.http": "DEBUG"}, {"ucwa.http"}),
        ({"ucwa": "DEBUG", "ucwa.http": "ERROR"}, {"ucwa.sign_in"}),
        ({"ucwa": "CRITICAL"}, {}),
    ],
    ids=str,
)
def test_levels_of_loggers_are_kept(sim, levels, wanted):
    set_levels = "\n".join(f"logging.getLogger({name!r}).setLevel({level!r})" for name, level in levels.items())
    lines = run(
        _KEEP + set_levels + _STORY + "import atexit\natexit._run_exitfuncs()\n"
        "say(json.dumps(sorted({record.name for record in keep.records if record.levelno <= logging.INFO})))",
        sim.connection,
    )
    assert set(json.loads(lines[-1])) == set(wanted)


def test_a_level_that_changes_counts_from_the_next_session(sim):
    lines = run(
        _KEEP
        + _STORY
        + "logging.getLogger('ucwa').setLevel(5)"
        + _STORY
        + "import atexit\natexit._run_exitfuncs()\nsay(len([record for record in keep.records if record.levelno <= 10]) > 0)",
        sim.connection,
    )
    assert lines == ["True"]


def test_a_program_that_configured_no_logging_sees_nothing(sim):
    program = f"""
import ucwa
try:
    ucwa.Session({USER!r}, password="wrong", **{sim.connection!r}).open(timeout=30)
except ucwa.CredentialsError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("refused\n", "")
