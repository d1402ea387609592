"""A server of few words and many events: no sign-in, one conversation, and as many changes of its roster as are asked for.

As a program of its own it says its address in a line of JSON. `POST /flood/<count>` makes that many events; `GET /served`
says how many pages are still to be taken.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading

APPLICATION = "/ucwa/oauth/v1/applications/105"
COMMUNICATION = APPLICATION + "/communication"
CONVERSATION = COMMUNICATION + "/conversations/21a1"
PEOPLE = 50
A_PAGE = 500

ROOT = {"_links": {"self": {"href": "/root"}, "user": {"href": "/user"}}}
USER = {"_links": {"self": {"href": "/user"}, "applications": {"href": "/ucwa/oauth/v1/applications"}}}
BODY = {
    "culture": "en-US",
    "userAgent": "t",
    "_links": {"self": {"href": APPLICATION}, "events": {"href": APPLICATION + "/events?ack=1"}},
    "_embedded": {
        "me": {"name": "Lene Aaling", "uri": "sip:lene@contoso.com", "_links": {"self": {"href": APPLICATION + "/me"}}},
        "communication": {
            "_links": {
                "self": {"href": COMMUNICATION},
                "conversations": {"href": COMMUNICATION + "/conversations"},
                "startOnlineMeeting": {"href": COMMUNICATION + "/onlineMeetingInvitations?onlineMeetingUri=adhoc"},
            },
            "rel": "communication",
        },
    },
    "rel": "application",
}


def conversation(kind: str) -> dict:
    resource = {
        "state": "Conferenced",
        "subject": "Flood",
        "activeModalities": [],
        "_links": {"self": {"href": CONVERSATION}},
        "rel": "conversation",
    }
    link = {"rel": "conversation", "href": CONVERSATION}
    return {"link": link, "_embedded": {"conversation": resource}, "type": kind}


def participant(kind: str, person: int, name: str) -> dict:
    href = f"{CONVERSATION}/participants/{person}"
    resource = {
        "sourceNetwork": "SameEnterprise",
        "anonymous": False,
        "name": name,
        "uri": f"sip:{person}@contoso.com",
        "_links": {"self": {"href": href}, "conversation": {"href": CONVERSATION}},
        "rel": "participant",
    }
    return {"link": {"rel": "participant", "href": href}, "_embedded": {"participant": resource}, "type": kind}


def senders(first: int, count: int) -> bytes:
    events = [participant("updated", n % PEOPLE, f"Name {n}") for n in range(first, first + count)]
    return json.dumps([{"rel": "conversation", "href": CONVERSATION, "events": events}]).encode()


class Server:
    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.root_url = "http://127.0.0.1:%d/" % self._listener.getsockname()[1]
        everybody = [participant("added", n, f"Name {n}") for n in range(PEOPLE)]
        begin = [
            {"rel": "communication", "href": COMMUNICATION, "events": [conversation("added")]},
            {"rel": "conversation", "href": CONVERSATION, "events": everybody},
        ]
        self._pages = [json.dumps(begin).encode()]
        self._made = PEOPLE  # each name is a new one, so each event a change
        self._ready = threading.Condition()

    def serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests:
            while line := requests.readline():
                method, target, _ = line.decode().split(" ", 2)
                length = 0
                while (header := requests.readline()) not in (b"\r\n", b""):
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                requests.read(length)
                status, body = self._answer(method, target)
                kind = "Content-Type: application/json\r\n" if body else ""
                head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)

    def _answer(self, method: str, target: str) -> tuple[str, bytes]:
        if method == "DELETE":
            return "200 OK", b""
        if flood := re.fullmatch("/flood/([0-9]+)", target):
            return self._flood(int(flood[1]))
        if target == CONVERSATION:
            return "200 OK", json.dumps(conversation("added")["_embedded"]["conversation"]).encode()
        if target == "/":
            return "200 OK", json.dumps(ROOT).encode()
        if target == "/user":
            return "200 OK", json.dumps(USER).encode()
        if target == "/ucwa/oauth/v1/applications":
            return "201 Created", json.dumps(BODY).encode()
        if page := re.search("/events[?]ack=([0-9]+)", target):
            return "200 OK", self._page(int(page[1]))
        return "404 Not Found", b""

    def _flood(self, count: int) -> tuple[str, bytes]:
        with self._ready:
            for _ in range(count // A_PAGE):
                self._pages.append(senders(self._made, A_PAGE))
                self._made += A_PAGE
            self._ready.notify_all()
        return "200 OK", b"{}"

    def _page(self, ack: int) -> bytes:
        """Held until there is one."""
        with self._ready:
            self._ready.wait_for(lambda: len(self._pages) >= ack)
            sender = self._pages[ack - 1]
            self._pages[ack - 1] = b""
        links = json.dumps({"self": {"href": f"{APPLICATION}/events?ack={ack}"}, "next": {"href": f"{APPLICATION}/events?ack={ack + 1}"}})
        return b'{"_links":' + links.encode() + b',"sender":' + sender + b"}"


if __name__ == "__main__":
    server = Server()
    print(json.dumps({"root_url": server.root_url}), flush=True)
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.read()
