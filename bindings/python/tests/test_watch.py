from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import ucwa
from conftest import PASSWORD, ROOT, USER
from documents import DOCUMENTED
from program import PATIENCE, SECRET, Running, at, command, environment, run
from servers import HtmlServer, Nobody
from terminal import Terminal
from ucwa._cli.text import Lines, printable
from ucwa._cli.watch import Watch

ANA, DAN = "sip:ana@contoso.com", "sip:dan@contoso.com"


def is_document(**fields):
    """Whether a line has these fields."""
    return lambda line: fields.items() <= json.loads(line).items()


def states(documents):
    return [document["new"] for document in documents if document["type"] == "state"]


def test_json_is_one_document_a_line_from_before_the_sign_in_to_the_end(sim):
    watch = Running("watch", *at(sim, "--start-meeting", "--subject", "Planning", "--invite", ANA, "--invite", DAN, "--json"))
    watch.until(is_document(type="state", new="Discovering", old="New"))
    outcomes = {}
    while len(outcomes) < 2:
        document = json.loads(watch.until(is_document(type="invitation", phase="completed")))
        if document["kind"] == "participantInvitation":
            outcomes[document["to"]] = document["outcome"]
    assert outcomes == {ANA: "accepted", DAN: "declined"}
    watch.interrupt()
    assert watch.end() == (0, "")
    documents = DOCUMENTED.check(watch.lines)
    assert documents[0]["type"] == "state" and documents[0]["old"] == "New"
    assert states(documents) == ["Discovering", "Authenticating", "Online", "Closing", "Closed"]
    assert documents[-1]["new"] == "Closed"
    seen = {document["type"] for document in documents}
    assert seen == {"state", "operation_done", "invitation", "conversation", "participant"}
    added = [d["participant"]["name"] for d in documents if d["type"] == "participant" and d["phase"] == "added"]
    assert added == ["Lene Aaling", "Ana Perez"]
    assert any(document.get("subject") == "Planning" for document in documents)
    assert any(request["method"] == "DELETE" and "/applications/" in request["target"] for request in sim.requests())


def test_text_for_people(sim):
    watch = Running("watch", *at(sim, "--start-meeting", "--subject", "Planning", "--invite", ANA, "--invite", DAN))
    watch.until(lambda line: "Ana Perez is in the room" in line)
    watch.interrupt()
    assert watch.end() == (0, "")
    text = "".join(watch.lines)
    for part in ("New -> Discovering", "Authenticating -> Online", f"invitation 5 to {DAN}: ", "Conferenced, \"Planning\"",
                 "Lene Aaling (sip:lene@contoso.com) is in the room, Leader", "Closing -> Closed\n"):  # fmt: skip
        assert part in text, text
    assert all(re.match(r"\d\d:\d\d:\d\d \S", line) for line in watch.lines)
    assert "\x1b" not in text and "operation" not in text


def test_what_other_people_write_does_not_reach_the_terminal_as_commands(sim):
    sim.control("POST", "people", {"uri": "sip:eva@contoso.com", "name": "Eva\x1b[2J\r[bold]Münz", "behaviour": "accept"})
    watch = Running("watch", *at(sim, "--start-meeting", "--invite", "sip:eva@contoso.com"))
    line = watch.until(lambda line: "Eva" in line)
    watch.interrupt()
    assert watch.end() == (0, "")
    assert "Eva\ufffd[2J\ufffd[bold]Münz" in line


@pytest.mark.parametrize("name", ["Ana\u00a0Perez", "\u0646\u0645\u06cc\u200c\u062f", "\u5c71\u7530\u3000\u592a", "\U0001f468\u200d\U0001f469"])
def test_names_of_all_languages_stay(name):
    assert printable(name) == name


@pytest.mark.parametrize("name", ["a\nb", "a\x9bb", "a\u2028b", "a\u202eb", "a\ud800b", "a\x7fb"])
def test_commands_go(name):
    assert printable(name) == "a\ufffdb"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_letters_that_the_terminal_lacks(sim, encoding):
    sim.control("POST", "people", {"uri": "sip:eva@contoso.com", "name": "Eva Münz", "behaviour": "accept"})
    arguments = at(sim, "--start-meeting", "--invite", "sip:eva@contoso.com", "--for", "3")
    text = run("watch", *arguments, PYTHONIOENCODING=encoding)
    assert (text.returncode, text.stderr) == (0, "")
    assert ("Eva Münz" if encoding == "utf-8" else r"Eva M\xfcnz") in text.stdout
    documents = run("watch", *arguments, "--json", PYTHONIOENCODING=encoding)
    assert '"name":"Eva Münz"' in documents.stdout, "JSON is UTF-8"


def test_it_ends_when_the_time_is_over(sim):
    ended = run("watch", *at(sim, "--start-meeting", "--for", "2", "--json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert states(DOCUMENTED.check(ended.stdout.splitlines()))[-2:] == ["Closing", "Closed"]


def test_a_time_that_is_over_before_the_sign_in(sim):
    sim.fault(method="GET", path="/", count=None, does={"delay": {"ms": 60_000}})
    ended = run("watch", *at(sim, "--for", "0.2", "--json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert states(DOCUMENTED.check(ended.stdout.splitlines())) == ["Discovering", "Closing", "Closed"]


def test_it_ends_with_the_conversation(sim):
    watch = Running("watch", *at(sim, "--start-meeting", "--json"))
    line = watch.until(lambda line: json.loads(line).get("meeting", {}).get("id"))
    watch.until(is_document(type="operation_done", result=json.loads(line)["id"]))
    sim.control("POST", f"meetings/{json.loads(line)['meeting']['id']}/end", {})
    assert watch.end() == (0, "")
    documents = DOCUMENTED.check(watch.lines)
    assert any(document["type"] == "conversation" and document["phase"] == "deleted" for document in documents)
    assert documents[-1]["new"] == "Closed"


def test_joining_shows_who_is_there(sim, new_session):
    with new_session() as session:
        meeting = session.start_meeting(timeout=30)
        arguments = list(at(sim, "--join", meeting.meeting.uri, "--json"))
        arguments[arguments.index(USER)] = "sip:tosh@contoso.com"
        watch = Running("watch", *arguments)
        watch.until(lambda line: '"name":"Lene Aaling"' in line and json.loads(line)["type"] == "participant")
        watch.interrupt(signal.SIGTERM)
        assert watch.end() == (0, "")
    DOCUMENTED.check(watch.lines)


def test_without_a_meeting_it_waits_for_what_comes(sim):
    watch = Running("watch", *at(sim, "--json"))
    watch.until(is_document(new="Online"))
    watch.until(is_document(type="operation_done"))
    watch.interrupt()
    # As programs that start others do it: the signal has come to all of them already.
    watch.interrupt()
    assert watch.end() == (0, "")
    documents = DOCUMENTED.check(watch.lines)
    assert documents[-1]["new"] == "Closed"
    assert {document["type"] for document in documents} == {"state", "operation_done"}


def test_without_a_meeting_an_invitation_from_elsewhere_is_shown(sim):
    watch = Running("watch", *at(sim, "--json"))
    watch.until(is_document(type="operation_done"))  # it is online,
    watch.until(is_document(type="operation_done"))  # and available
    with ucwa.Session("sip:tosh@contoso.com", password=PASSWORD, **sim.connection) as tosh:
        tosh.start_meeting("Planning", timeout=30).add_participant(USER, timeout=30)
        line = json.loads(watch.until(is_document(type="invitation", direction="Incoming")))
        assert line["from"] == "sip:tosh@contoso.com"
        watch.interrupt()
        assert watch.end() == (0, "")
    DOCUMENTED.check(watch.lines)


def test_an_interruption_while_it_signs_in(sim):
    sim.fault(method="GET", path="/", count=None, does={"delay": {"ms": 60_000}})
    watch = Running("watch", *at(sim, "--start-meeting", "--json"))
    watch.until(is_document(new="Discovering"))
    watch.interrupt()
    assert watch.end() == (0, "")
    assert states(DOCUMENTED.check(watch.lines))[-1] == "Closed"


def test_an_interruption_before_it_begins(new_session):
    session = new_session()
    chosen = argparse.Namespace(time=None, start_meeting=True, join=None, subject=None, invite=[])
    watch = Watch(session, chosen, has_password=True)
    watch.end()
    watch.follow(Lines(sys.stdout))
    assert watch.failure is None and session.state == "Closed"


def test_a_second_interruption_does_not_wait(sim):
    watch = Running("watch", *at(sim, "--json", "--set", "close.timeout_s=600"))
    watch.until(is_document(new="Online"))
    sim.fault(method="DELETE", path="/applications", count=None, does={"delay": {"ms": 600_000}})
    watch.interrupt()
    watch.until(is_document(new="Closing"))
    while watch.process.poll() is None:
        watch.interrupt()
        time.sleep(0.2)
    assert watch.end()[0] == 130


def test_a_broken_event_channel_is_told_with_its_pauses(sim):
    sim.fault(method="GET", path="/events", count=2, does={"status": {"status": 503, "body": "empty"}})
    watch = Running("watch", *at(sim))
    line = watch.until(lambda line: "-> Recovering" in line)
    assert re.search(r"Online -> Recovering: connecting again in \d+\.\d s, try 1: GET https.*503", line), line
    watch.until(lambda line: re.search(r": connecting again in \d+\.\d s, try 2: ", line))
    watch.interrupt()
    assert watch.end() == (0, "")


def test_who_stops_reading_is_no_error(sim):
    program = subprocess.Popen(
        command("watch", *at(sim, "--start-meeting", "--json")),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None and program.stderr is not None
    DOCUMENTED.check([program.stdout.readline().decode()])
    program.stdout.close()
    assert program.stderr.read() == b""
    assert program.wait(PATIENCE) == 0


def test_a_meeting_that_cannot_be_started(sim):
    sim.fault(method="POST", path="/onlineMeetingInvitations", does={"status": {"status": 403, "body": "json", "code": "Forbidden"}})
    ended = run("watch", *at(sim, "--start-meeting", "--json"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("watch: POST https://") and "403" in ended.stderr
    documents = DOCUMENTED.check(ended.stdout.splitlines())
    assert documents[-1]["new"] == "Closed"


def test_an_invitation_that_is_refused_does_not_end_it(sim):
    sim.fault(
        method="POST",
        path="/participantInvitations",
        does={"status": {"status": 409, "body": "json", "code": "Conflict", "subcode": "AlreadyExists"}},
    )
    watch = Running("watch", *at(sim, "--start-meeting", "--invite", ANA, "--invite", "", "--json"))
    watch.until(lambda line: json.loads(line)["type"] == "operation_done" and "AlreadyExists" in line)
    watch.interrupt()
    status, said = watch.end()
    assert status == 0 and len(said.splitlines()) == 2, said
    assert "Conflict/AlreadyExists" in said and "the address is empty" in said
    DOCUMENTED.check(watch.lines)


def test_a_subject_that_is_too_long(sim):
    ended = run("watch", *at(sim, "--start-meeting", "--subject", "x" * 251, "--json"))
    assert ended.returncode == 1 and "250" in ended.stderr
    assert not any("onlineMeetingInvitations" in request["target"] for request in sim.requests())


# ---- where it fails ----


@pytest.fixture
def html(tmp_path):
    server = HtmlServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def nobody():
    address = Nobody()
    yield address
    address.stop()


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("where", ["nobody", "html", "unknown_ca", "wrong_password", "no_password"])
def test_why_it_fails_is_said(sim, html, nobody, where, as_json):
    who = ("--user", USER, "--password-env", SECRET)
    quick = ("--set", "retry.times=0")
    arguments, kind, said = {
        "nobody": (("--root-url", nobody.url, *who), "network", "no connection"),
        "html": (("--root-url", html.url, "--ca", html.ca, *who), "protocol", "a body that is not UCWA's own (text/html"),
        "unknown_ca": (("--root-url", sim.root_url, *who), "tls", "issued by an unknown authority"),
        "wrong_password": (at(sim), "auth", "check user name and password"),
        "no_password": (("--root-url", sim.root_url, "--ca", sim.ca), "auth", "see --username and --password-env"),
    }[where]
    ended = run("watch", *arguments, *quick, *(["--json"] if as_json else []), password="wr0ng-Pa55")
    assert ended.returncode == 1
    assert ended.stderr.startswith("watch: ") and ended.stderr.count("\n") == 1 and said in ended.stderr
    for text in (ended.stdout, ended.stderr):
        assert "wr0ng-Pa55" not in text and "Traceback" not in text
    if as_json:
        documents = DOCUMENTED.check(ended.stdout.splitlines())
        last = [document for document in documents if document["type"] == "state"][-1]
        assert last["new"] == "Failed" and last["reason"]["kind"] == kind
        if where in ("wrong_password", "no_password"):
            assert any(document["type"] == "credentials_needed" for document in documents)
    else:
        assert re.search(f"-> Failed: .*{re.escape(said)}", ended.stdout), ended.stdout


def test_the_log_goes_to_stderr_and_holds_no_password(sim):
    ended = run("watch", *at(sim, "--for", "1", "--json", "-vv"))
    assert ended.returncode == 0
    assert "ucwa.sign_in" in ended.stderr and "step=token" in ended.stderr
    assert PASSWORD not in ended.stderr and "cwt=" not in ended.stderr
    DOCUMENTED.check(ended.stdout.splitlines())


ELSEWHERE = ("--root-url", "https://127.0.0.1:9/")


@pytest.mark.parametrize("program", ["watch", "doctor"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which server?"),
        (("--root-url", "https://a/", "--domain", "a.example"), "not allowed with"),
        ((*ELSEWHERE, "--ca", "/does/not/exist"), "/does/not/exist: No such file"),
        ((*ELSEWHERE, "--ca", str(ROOT / "Cargo.toml")), "error: --ca: no BEGIN CERTIFICATE line"),
        ((*ELSEWHERE, "--ca", str(ROOT)), "Is a directory"),
        ((*ELSEWHERE, "--username", "lene"), "--username needs --password-env"),
        ((*ELSEWHERE, "--password-env", SECRET), "--password-env needs --username or --user"),
        ((*ELSEWHERE, "--username", "lene", "--password-env", "s3cret"), "is not set"),
        ((*ELSEWHERE, "--username", "lene", "--password", "s3cret"), "does not belong on a command line"),
        (("--root-url", "https://lene:s3cret@127.0.0.1:9/"), "no name and no password in --root-url"),
        (("--user", "nobody"), "sip:name@domain"),
        ((*ELSEWHERE, "--set", "no.such.key=1"), "there is no such key"),
        ((*ELSEWHERE, "--set", "nonsense"), "KEY=VALUE"),
        ((*ELSEWHERE, "--set", "retry.times=many"), "retry.times"),
    ],
)
def test_options_that_make_no_sense(program, arguments, said):
    ended = run(program, *arguments)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert said in ended.stderr and "s3cret" not in ended.stderr and "Traceback" not in ended.stderr


def test_a_password_that_is_no_text():
    secret = os.fsdecode(b"s3cret\xff")
    ended = run("watch", *ELSEWHERE, "--username", "lene", "--password-env", SECRET, password=secret)
    assert ended.returncode == 2 and "holds no UTF-8" in ended.stderr and "s3cret" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--start-meeting", "--join", "sip:a"), "not allowed with"),
        (("--invite", ANA), "--invite needs --start-meeting or --join"),
        (("--subject", "Planning"), "--subject needs --start-meeting or --join"),
        (("--for", "soon"), "invalid"),
        (("--for", "-1"), "no number of seconds"),
        (("--for", "nan"), "no number of seconds"),
        (("--root-url", "http://127.0.0.1:9/"), "give --allow-http"),
    ],
)
def test_options_of_watch_that_make_no_sense(arguments, said):
    ended = run("watch", *ELSEWHERE, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


# ---- on a terminal ----


def without_escapes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_a_terminal_has_a_table_of_the_room(sim):
    sim.control("POST", "people", {"uri": "sip:eva@contoso.com", "name": "[bold]Eva[/bold]", "behaviour": "accept"})
    terminal = Terminal("watch", *at(sim, "--start-meeting", "--subject", "Planning", "--invite", ANA, "--invite", "sip:eva@contoso.com"))
    row = r"│ Ana Perez +│ sip:ana@contoso\.com +│ Attendee +│ Messaging +│"
    terminal.until(lambda text: re.search(row, without_escapes(text)) and "│ [bold]Eva[/bold]" in without_escapes(text))
    assert terminal.end() == 0
    text = without_escapes(terminal.text)
    assert re.search(r"conversation 2, Conferenced, Planning, 3 people", text)
    assert re.search(r"│ Lene Aaling +│ sip:lene@contoso\.com +│ Leader +│ +│ you, organizer +│", text)
    assert "New -> Discovering" in text


def test_without_rich_a_terminal_has_lines(sim, tmp_path):
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich/__init__.py").write_text("raise ImportError('there is no rich')")
    terminal = Terminal("watch", *at(sim, "--start-meeting", "--invite", ANA), PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    terminal.until(lambda text: "Ana Perez is in the room" in text)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.text and "│" not in terminal.text


def test_help_and_version():
    for arguments in (["--help"], ["watch", "--help"], ["doctor", "--help"]):
        told = run(*arguments)
        assert (told.returncode, told.stderr) == (0, "") and "usage: python -m ucwa" in told.stdout
    assert run("--version").stdout == f"ucwa {ucwa.__version__}\n"
    assert run().returncode == 2
