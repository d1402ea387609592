"""What a reader sees: types, docstrings, representations."""

from __future__ import annotations

import inspect
import pathlib
import subprocess
import sys

import pytest

import ucwa
import ucwa.aio
from conftest import PASSWORD

HERE = pathlib.Path(__file__).parent


def has_mypy():
    return subprocess.run([sys.executable, "-c", "import mypy"], capture_output=True).returncode == 0


needs_mypy = pytest.mark.skipif(not has_mypy(), reason="needs mypy")


def checked(*command, where):
    ended = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=where, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@needs_mypy
def test_stubs_are_true(tmp_path):
    # A class within a function is none at runtime.
    (tmp_path / "not_ours").write_text(r"ucwa\._cli\..*@.*")
    command = ["mypy.stubtest", "ucwa", "--concise", "--ignore-unused-allowlist", "--allowlist", "not_ours"]
    checked(*command, where=tmp_path)


@needs_mypy
def test_types_are_told():
    checked("mypy", "--strict", "python/ucwa", "tests/typed.py", where=HERE.parent)


def public():
    """Every public class of the package, every public function and property of these, by its name."""
    for module in (ucwa, ucwa.aio):
        yield module.__name__, module
        for name in module.__all__:
            thing = getattr(module, name)
            if not inspect.isclass(thing):
                continue
            yield f"{module.__name__}.{name}", thing
            for base in thing.__mro__:
                if not base.__module__.startswith("ucwa"):
                    continue
                for member, value in vars(base).items():
                    documented = inspect.isroutine(value) or isinstance(value, property) or inspect.isdatadescriptor(value)
                    if documented and not member.startswith("_"):
                        yield f"{module.__name__}.{name}.{member}", value


@pytest.mark.parametrize(("name", "thing"), list(public()), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_has_a_docstring(name, thing):
    if name in ("ucwa.Password.user", "ucwa.Password.password", "ucwa.Token.token"):
        return
    assert (thing.__doc__ or "").strip(), name
    assert thing.__doc__ != type(thing).__doc__


def test_names_are_those_that_programs_use():
    for module in (ucwa, ucwa.aio):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                assert thing.__module__ == module.__name__, name
                assert thing.__qualname__ == name
    assert "start_meeting" in ucwa.Session.start_meeting.__qualname__
    assert isinstance(ucwa.__version__, str)


def test_representations(session, new_session):
    events = session.events(list({"participant", "invitation", "conversation", "state", "operation_done"}))
    meeting = session.start_meeting("Planning", timeout=30)
    invitation = meeting.add_participant("sip:dan@contoso.com", timeout=30)
    invitation.wait(30)
    subscription = session.on_event(print)
    session.close()
    things = [session, meeting, invitation, subscription, events, meeting.roster, meeting.meeting, invitation.reason]
    things += [meeting.roster[0], new_session(), ucwa.Password("lene", "s3cret"), ucwa.Token("s3cret"), *events]
    for thing in things:
        text = repr(thing)
        assert "object at 0x" not in text and " at 0x" not in text.split("<built-in")[0], text
        assert type(thing).__name__ in text, text
        assert PASSWORD not in text and "s3cret" not in text, text
    assert "sip:lene@contoso.com: Closed" in repr(session)
    assert "declined" in repr(invitation) and "dan@" in repr(invitation)
    assert "Planning" in repr(meeting)
