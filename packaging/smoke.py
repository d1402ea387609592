"""A session of the installed module against the simulator (UCWA_SIM), and nothing else: what a clean environment can do."""

import asyncio
import json
import os
import subprocess
import sys
import sysconfig

import ucwa
import ucwa.aio


def play(where):
    connection = {"root_url": where["root_url"], "ca_file": where["ca_pem"], "proxy": ""}
    with ucwa.Session("sip:lene@contoso.com", password="Pa55w.rd!", **connection) as session:
        meeting = session.start_meeting("Planning", timeout=60)
        invitations = [meeting.add_participant(f"sip:{name}@contoso.com") for name in ("ana", "dan")]
        outcomes = [invitation.wait(60) for invitation in invitations]
        assert outcomes == ["accepted", "declined"], outcomes
        names = [person.name for person in meeting.roster]
        assert names == ["Lene Aaling", "Ana Perez"], names
    asyncio.run(asyncio.wait_for(play_again(connection), 60))


async def play_again(connection):
    async with ucwa.aio.Session("sip:lene@contoso.com", password="Pa55w.rd!", **connection) as session:
        meeting = await session.start_meeting("Planning")
        assert meeting.state == "Conferenced", meeting.state


def main():
    installed = sysconfig.get_path("platlib")
    assert os.path.realpath(ucwa.__file__).startswith(os.path.realpath(installed)), ucwa.__file__
    simulator = subprocess.Popen([os.environ["UCWA_SIM"], "--tls"], stdout=subprocess.PIPE, text=True)
    try:
        play(json.loads(simulator.stdout.readline()))
    finally:
        simulator.terminate()
        simulator.wait()
    print(f"Python {sys.version.split()[0]}: libucwa {ucwa.__version__} works")


if __name__ == "__main__":
    main()
