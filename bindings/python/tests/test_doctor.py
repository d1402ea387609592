from __future__ import annotations

import datetime
import logging
import re
import subprocess
import threading

import pytest

import ucwa
from conftest import PASSWORD, ROOT, USER
from program import PATIENCE, SECRET, Running, at, command, environment, run
from servers import HtmlServer, Nobody, Silent
from ucwa import _log
from ucwa._cli import steps

WHO = ("--user", USER, "--password-env", SECRET)
NAMES = [step.name for step in steps.STEPS]


class Told:
    """What the doctor said."""

    def __init__(self, ended: subprocess.CompletedProcess[str]) -> None:
        self.status, self.text = ended.returncode, ended.stdout
        assert ended.stderr == ""
        for secret in (PASSWORD, "wr0ng-Pa55", "cwt=", "add_root_certs_pem"):
            assert secret not in self.text
        self.findings: list[tuple[str, str, str]] = []
        for line in self.text.splitlines():
            found = re.match(r"(?: +\d+\.\d\d s| {9})  (ok|note|FAIL|-) +(\w+[ -]?\w*?) {2,}(\S.*)", line)
            if found:
                self.findings.append((found[1], found[2].strip(), found[3]))
            elif self.findings and line.startswith(" " * 10):
                mark, name, text = self.findings.pop()
                self.findings.append((mark, name, f"{text} {line.strip()}"))
        self.verdict = self.text.splitlines()[-1]
        assert self.verdict.startswith("verdict: ")
        assert self.text.count("verdict: ") == 1
        assert {name for _, name, _ in self.findings} - {"redirect"} == set(NAMES), "every step is spoken of"

    def marks(self, name: str) -> list[str]:
        return [mark for mark, of, _ in self.findings if of == name]

    def said(self, name: str) -> str:
        return "\n".join(text for _, of, text in self.findings if of == name)

    def fails_at(self, name: str) -> str:
        """That it fails there, not before, and goes on nowhere; what was said."""
        assert self.status == 1
        assert self.verdict.startswith(f"verdict: not healthy, fails at {name}: "), self.text
        failed = [of for mark, of, _ in self.findings if mark == "FAIL"]
        assert failed == [name], self.text
        for later in NAMES[NAMES.index(name) + 1 :]:
            assert self.marks(later) == ["-"], self.text
        return self.said(name)


def examine(*arguments: str, password: str = PASSWORD) -> Told:
    return Told(run("doctor", *arguments, password=password))


@pytest.fixture
def nobody():
    address = Nobody()
    yield address
    address.stop()


@pytest.fixture
def html(tmp_path):
    server = HtmlServer(tmp_path)
    yield server
    server.stop()


def test_a_healthy_server(sim):
    told = examine(*at(sim))
    assert told.status == 0 and told.verdict == "verdict: healthy, signed in and out"
    assert [name for _, name, _ in told.findings] == NAMES
    assert {mark for mark, _, _ in told.findings} == {"ok"}
    connection = told.said("connection")
    assert "a look of Python's own, on another connection:" in connection
    assert re.search(r"TLSv1\.[23], certificate trusted by OpenSSL: subject commonName=ucwa-sim, issuer commonName=ucwa-sim CA, "
                     r"valid from .* until \w+ +\d+ .* GMT, made out to 127\.0\.0\.1", connection)  # fmt: skip
    assert "MsRtcOAuth" in told.said("challenge") and "taken: password" in told.said("challenge")
    assert "28800 s" in told.said("token")
    assert "HTTP 201, created" in told.said("application")
    assert "no event within 3 s, which is normal" in told.said("event channel")
    targets = [(request["method"], request["target"]) for request in sim.requests()]
    assert sum(method == "DELETE" and "/applications/" in target for method, target in targets) == 1
    assert not any("onlineMeetingInvitations" in target for _, target in targets)


def test_an_event_channel_that_answers_is_not_waited_for(sim):
    page = {"_links": {"self": {"href": "/e?ack=1"}, "next": {"href": "/e?ack=2"}}, "sender": []}
    sim.fault(method="GET", path="/events",
              does={"answer": {"status": 200, "content_type": "application/json", "text": str(page).replace("'", '"')}})  # fmt: skip
    told = examine(*at(sim))
    assert told.status == 0 and "answered" in told.said("event channel")


def test_nobody_listens(nobody):
    said = examine("--root-url", nobody.url, *WHO).fails_at("connection")
    assert "Connection refused" in said and "nothing listens there" in said


def test_a_name_that_does_not_exist():
    said = examine("--root-url", "https://no-such-host.invalid/", *WHO).fails_at("connection")
    assert "the name was not found" in said
    assert "the name no-such-host.invalid does not exist for this computer" in said


def test_a_server_that_says_nothing():
    silent = Silent()
    try:
        told = examine("--root-url", silent.url, *WHO, "--set", "http.connect_timeout_s=1")
    finally:
        silent.stop()
    said = told.fails_at("connection")
    assert "in time" in said and "Nothing came back in time." in said
    assert "something listens" in said and "no TLS: no answer within 3 s" in said


def test_an_authority_that_is_unknown(sim):
    said = examine("--root-url", sim.root_url, *WHO).fails_at("connection")
    assert "issued by an unknown authority" in said and "give it with --ca FILE" in said
    assert "certificate not trusted by OpenSSL" in said
    assert "subject commonName=ucwa-sim, issuer commonName=ucwa-sim CA" in said
    assert sim.requests() == []


def test_a_certificate_for_another_name(sim):
    address = sim.root_url.split("/")[2]
    port = address.rpartition(":")[2]
    told = examine("--root-url", f"https://pool.example:{port}/", "--ca", sim.ca, *WHO, "--set", f"resolve.pool.example={address}")
    said = told.fails_at("connection")
    assert "made out to another name" in said
    assert "subject commonName=ucwa-sim" in said and "made out to 127.0.0.1" in said


def test_a_certificate_that_has_expired(tmp_path):
    server = HtmlServer(tmp_path, expired_on=datetime.datetime(2020, 3, 4, tzinfo=datetime.timezone.utc))
    try:
        said = examine("--root-url", server.url, "--ca", server.ca, *WHO).fails_at("connection")
    finally:
        server.stop()
    assert "has expired" in said and re.search(r"until Mar +4 .* 2020", said)


def test_a_web_server_that_is_no_ucwa(html):
    told = examine("--root-url", html.url, "--ca", html.ca, *WHO)
    said = told.fails_at("discovery")
    assert told.marks("connection") == ["ok"]
    assert "a body that is not UCWA's own (text/html" in said and "Something speaks HTTP there, but not UCWA" in said


def test_plain_http(sim):
    told = examine("--root-url", "http://127.0.0.1:9/", *WHO)
    assert "give --allow-http" in told.fails_at("options")
    # Where it is allowed, the simulator sends to https.
    told = examine("--root-url", sim.root_url.replace("https:", "http:"), "--allow-http", "--ca", sim.ca, *WHO)
    assert told.status == 0, told.text
    assert told.marks("redirect") == ["ok"]


def test_a_wrong_password(sim):
    told = examine(*at(sim), password="wr0ng-Pa55")
    said = told.fails_at("token")
    assert "the server refused the credentials" in said and "Wrong password, unknown user" in said
    tried = [request for request in sim.requests() if "oauthtoken" in request["target"]]
    assert len(tried) == 1, "accounts get locked"


def test_nobody_says_who(sim):
    told = examine("--root-url", sim.root_url, "--ca", sim.ca)
    said = told.fails_at("token")
    assert "nobody said: give --username and --password-env" in said
    assert "without credentials" in told.said("options")


def test_an_account_that_is_not_allowed(sim):
    sim.fault(method="POST", path="/applications", does={"status": {"status": 403, "body": "json", "code": "Forbidden"}})
    said = examine(*at(sim)).fails_at("application")
    assert "HTTP 403 Forbidden" in said and "not allowed to make applications of UCWA" in said


def test_a_server_that_is_overloaded(sim):
    sim.fault(method="POST", path="/oauthtoken", count=None, does={"status": {"status": 503, "body": "empty"}})
    told = examine(*at(sim))
    said = told.fails_at("token")
    assert "503" in said and "The password was not judged" in said


def test_a_way_to_sign_in_that_nobody_here_can_go(sim):
    challenge = [["WWW-Authenticate", 'MsRtcOAuth href="/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows"']]
    sim.fault(method="GET", path="/oauth/user", count=None,
              does={"status": {"status": 401, "body": "empty", "headers": challenge}})  # fmt: skip
    told = examine(*at(sim))
    assert told.status == 1 and told.verdict.startswith("verdict: not healthy, fails at challenge: ")
    assert "taken: none" in told.said("challenge") and "no way to sign in" in told.said("challenge")


def test_a_token_endpoint_that_cannot_be_reached(sim, nobody):
    challenge = [["WWW-Authenticate", f'MsRtcOAuth href="{nobody.url}oauthtoken",grant_type="password"']]
    sim.fault(method="GET", path="/oauth/user", count=None,
              does={"status": {"status": 401, "body": "empty", "headers": challenge}})  # fmt: skip
    told = examine(*at(sim))
    assert told.status == 1 and told.verdict.startswith("verdict: not healthy, fails at connection: ")
    assert told.marks("connection") == ["ok", "FAIL"] and told.marks("challenge") == ["ok"]
    said = told.said("connection")
    assert f"POST {nobody.url}oauthtoken: no connection" in said and "nothing listens there" in said


def test_an_event_channel_that_breaks(sim):
    sim.fault(method="GET", path="/events", count=None, does={"status": {"status": 502, "body": "html"}})
    told = examine(*at(sim))
    assert told.status == 1 and told.verdict.startswith("verdict: not healthy, fails at event channel: ")
    assert "502" in told.said("event channel")
    assert told.marks("application") == ["ok"]


def test_an_application_that_stays(sim):
    sim.fault(method="DELETE", path="/applications", count=None, does={"status": {"status": 500, "body": "empty"}})
    told = examine(*at(sim))
    assert told.status == 0 and told.marks("sign-out") == ["note"]
    assert "the application was not deleted" in told.said("sign-out")


def test_by_the_domain_one_of_two_addresses_is_enough(sim, nobody):
    where = sim.root_url.split("/")[2]
    inside = ("--set", f"resolve.lyncdiscoverinternal.contoso.com={nobody.address}")
    outside = ("--set", f"resolve.lyncdiscover.contoso.com={where}")
    told = examine("--domain", "contoso.com", "--ca", sim.ca, *WHO, *inside, *outside)
    assert told.status == 0, told.text
    assert told.marks("connection")[:2] == ["note", "ok"]
    assert "There is another address to try." in told.said("connection")
    outside = ("--set", f"resolve.lyncdiscover.contoso.com={nobody.address}")
    told = examine("--domain", "contoso.com", "--ca", sim.ca, *WHO, *inside, *outside)
    assert told.marks("connection") == ["note", "FAIL"]
    told.fails_at("connection")


def test_through_a_proxy_python_does_not_look(nobody):
    told = Told(run("doctor", "--root-url", "https://pool.example/", *WHO, https_proxy=f"http://{nobody.address}"))
    said = told.fails_at("connection")
    assert "not looked at: connections to it go through a proxy" in said and "does not exist" not in said


def test_who_stops_reading_is_no_error(sim):
    program = subprocess.Popen(
        command("doctor", *at(sim)), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None and program.stderr is not None
    program.stdout.readline()
    program.stdout.close()
    assert program.stderr.read() == b""
    assert program.wait(PATIENCE) == 0


def test_ctrl_c(sim):
    sim.fault(method="GET", path="/", count=None, does={"delay": {"ms": 60_000}})
    doctor = Running("doctor", *at(sim))
    doctor.until(lambda line: "ok    options" in line)
    doctor.interrupt()
    assert doctor.end() == (130, "")


def test_no_record_is_left_behind(sim, new_session):
    """Records are passed on by a thread of its own; `flush` returns when that has passed on what there is."""
    seen, go_on, waiting = [], threading.Event(), threading.Event()

    class Slow(logging.Handler):
        def emit(self, record):
            waiting.set()
            assert go_on.wait(PATIENCE)
            seen.append(record.ucwa["step"])

    logger, handler = logging.getLogger("ucwa.sign_in"), Slow(logging.INFO)
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    try:
        sim.fault(method="POST", path="/applications", does={"status": {"status": 403, "body": "empty"}})
        with pytest.raises(ucwa.ServerError):
            new_session().open(timeout=PATIENCE)
        assert waiting.wait(PATIENCE)
        flushing = threading.Thread(target=_log.flush)
        flushing.start()
        flushing.join(0.05)
        assert flushing.is_alive() and seen == []
        go_on.set()
        flushing.join(PATIENCE)
        assert seen == ["discovery", "challenge", "token", "discovery", "application"]
    finally:
        go_on.set()
        logger.removeHandler(handler)
        logger.setLevel(before)


def test_every_record_of_the_docs_has_a_step():
    table = (ROOT / "docs/LOG.md").read_text().partition("| `step` | when | fields |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == set(steps.BY_RECORD)
    fields = set(re.findall(r"`(\w+)`", table)) | {"origin"}
    for step in steps.STEPS:
        assert set(re.findall(r"{(\w+)}", step.went_well)) <= fields, step.name
