"""Lines of JSON held against docs/EVENTS.md."""

from __future__ import annotations

import json
import re
from typing import Any

from conftest import ROOT


class Documented:
    """docs/EVENTS.md: the fields of each kind of event, and of what is in them."""

    ALWAYS = {
        "state": {"old", "new", "reason"},
        "credentials_needed": {"request_id", "kind", "attempt", "resource"},
        "operation_done": {"operation", "result", "error"},
        "invitation": {"phase", "id", "kind", "direction"},
        "conversation": {"phase", "id", "active_modalities", "can_add_participant"},
        "participant": {"phase", "conversation", "revision", "participant"},
        "overflow": {"conversation", "revision"},
    }

    def __init__(self) -> None:
        text = (ROOT / "docs/EVENTS.md").read_text()
        parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
        sections = {part.partition("\n")[0].strip(): part for part in parts}
        self.common = set(self._tables(sections["What holds for all"])[0])
        self.kinds = {}
        for title, part in sections.items():
            if title.startswith("`"):
                self.kinds[title.strip("`")] = [set(table) for table in self._tables(part)]
        self.errors = set(self._tables(sections["Errors"])[0])
        self.error_kinds = set(self._tables(sections["Errors"])[1])
        assert set(self.kinds) == set(self.ALWAYS)
        assert len(self.kinds["participant"]) == 2 and "source_network" in self.kinds["participant"][1]

    @staticmethod
    def _tables(part: str) -> list[list[str]]:
        """The names in the first column of each table."""
        tables = []
        for table in re.split(r"\n(?!\|)", part):
            rows = [row for row in table.splitlines() if re.match(r"\| `", row)]
            if rows:
                tables.append([name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])])
        return tables

    def check(self, lines: list[str]) -> list[dict[str, Any]]:
        """Parses each line and holds it against the page."""
        documents, last = [], 0
        for line in lines:
            document = json.loads(line)
            kind = document["type"]
            fields = set(document)
            assert fields <= self.common | self.kinds[kind][0], line
            assert {"seq", "unix_ms", "type"} | self.ALWAYS[kind] <= fields, line
            assert list(document)[:3] == ["seq", "unix_ms", "type"], line
            assert document["seq"] > last, line
            last = document["seq"]
            if kind == "participant":
                person = document["participant"]
                assert set(person) <= self.kinds["participant"][1], line
                may_lack = {"work_phone", "other_phone", "media", "contact", "contact_photo", "contact_presence"}
                may_lack |= {"modality", "direction", "muted", "source_id"}
                assert self.kinds["participant"][1] - set(person) <= may_lack, line
                assert ("changed" in document) == (document["phase"] == "updated"), line
            for failure in (document.get("error"), document.get("reason") if kind == "state" else None):
                if failure is not None:
                    assert {"kind", "message", "retryable"} <= set(failure) <= self.errors, line
                    assert failure["kind"] in self.error_kinds, line
            documents.append(document)
        return documents


DOCUMENTED = Documented()
