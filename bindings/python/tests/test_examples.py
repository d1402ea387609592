"""The programs of examples/python, run as programs. The front desk is played by `make demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

from conftest import PASSWORD, ROOT, USER


def test_asyncio_desk(sim):
    address = urlsplit(sim.root_url).netloc
    environment = {
        **os.environ,
        "PW": PASSWORD,
        "UCWA_CA": sim.ca,
        "UCWA_SETTINGS": f"resolve.lyncdiscoverinternal.contoso.com={address} resolve.lyncdiscover.contoso.com={address}",
        "NO_PROXY": "*",
    }
    behaviours = {person["uri"]: person["behaviour"]["answer"] for person in sim.control("GET", "people")}
    assert (behaviours["sip:ana@contoso.com"], behaviours["sip:dan@contoso.com"]) == ("accept", "decline")
    program = [sys.executable, str(ROOT / "examples/python/asyncio_desk.py"), USER, "PW"]
    done = subprocess.run(
        [*program, "sip:ana@contoso.com", "sip:dan@contoso.com"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "sip:ana@contoso.com: accepted\nsip:dan@contoso.com: declined\n" in done.stdout
    assert "added    Lene Aaling" in done.stdout
