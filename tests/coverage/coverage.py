#!/usr/bin/env python3
"""Runs the tests that docs/PROTOCOL-COVERAGE.md names, and nothing else.

    coverage.py            every row names a test, each test exists, was run and passed
    coverage.py --list     the rows, without running anything
    coverage.py mutants    takes what a row is about away from the simulator; some test of the row has to fail

A test is named as `target::path::of::test`, where the target is `lib` (the engine's own tests) or a file or folder of
tests/; a test in Python as `bindings/python/tests/test_x.py::test_y`. Python 3.10, standard library.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "PROTOCOL-COVERAGE.md"

# Columns that name tests: one for each dialect.
DIALECTS = ("UCWA", "Trusted Application API")
NOT_YET = "not yet"
CODE = re.compile(r"`([^`]+)`")


@dataclasses.dataclass
class Row:
    """One line of a table: a fact, and the tests that prove it in one dialect."""

    name: str
    dialect: str
    tests: list[str]
    not_yet: bool
    without: list[str]


def cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def rows(text: str) -> list[Row]:
    """The rows of every table that has a column of a dialect."""
    found: list[Row] = []
    heading: list[str] = []
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            heading = []
        elif not heading:
            heading = cells(line)
        elif not set(line) <= set("|-: "):
            row = dict(zip(heading, cells(line)))
            for dialect in DIALECTS:
                if dialect in row:
                    tests = CODE.findall(row[dialect])
                    not_yet = NOT_YET in CODE.sub("", row[dialect])
                    without = CODE.findall(row.get("simulator without", ""))
                    found.append(Row(row["row"].strip("` "), dialect, tests, not_yet, without))
    return found


def faults_of_the_table(found: list[Row]) -> list[str]:
    """What is wrong with the table itself."""
    faults = [f"{row.name}: no test" for row in found if not row.tests and not row.not_yet]
    counted = collections.Counter((row.name, row.dialect) for row in found)
    faults += [f"{name}: stands there {count} times" for (name, _), count in counted.items() if count > 1]
    faults += [f"{row.name}: `{test}` names no target" for row in found for test in row.tests if "::" not in test]
    return faults if found else ["there is no row"]


def by_target(tests: set[str]) -> dict[str, list[str]]:
    """Test programs, or "pytest", and what to run of each."""
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for test in sorted(tests):
        if test.split("::")[0].endswith(".py"):
            groups["pytest"].append(test)
        else:
            target, _, path = test.partition("::")
            groups[target].append(path)
    return groups


def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload]


def build(targets: list[str]) -> dict[str, str]:
    """The test programs. The same crates as `make test` are named, so that cargo takes what that built."""
    command = [os.environ.get("CARGO", "cargo"), "test", "--locked", "--workspace", "--exclude", "ucwa-python", "--no-run"]
    command += ["--message-format", "json-render-diagnostics"]
    command += [word for target in targets for word in (["--lib"] if target == "lib" else ["--test", target])]
    built = run(command)
    if built.returncode != 0:
        sys.exit("the tests do not build; is there a test program of each of these names? " + " ".join(targets))
    programs = {}
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] != "compiler-artifact" or not message["executable"] or not message["profile"]["test"]:
            continue
        if pathlib.Path(message["manifest_path"]).parent != ROOT:
            continue
        is_library = "lib" in message["target"]["kind"] or "rlib" in message["target"]["kind"]
        programs["lib" if is_library else message["target"]["name"]] = message["executable"]
    return programs


RESULT = re.compile(r"^test (\S+)(?: - should panic)? \.\.\. (\S+)", re.MULTILINE)


def run_rust(program: str, paths: list[str]) -> dict[str, str]:
    """What became of each test that was really run: ok, FAILED, ignored."""
    ran = run([program, "--exact", *paths], stderr=subprocess.STDOUT)
    results = dict(RESULT.findall(ran.stdout))
    if ran.returncode != 0 and all(result == "ok" for result in results.values()):
        results = {path: f"the program ended with {ran.returncode}" for path in paths}
    if any(result == "FAILED" for result in results.values()):
        print(ran.stdout)
    return results


def run_python(tests: list[str]) -> dict[str, str]:
    """The same for pytest. PYTEST says how it is called. A test with parameters is as good as the worst of its runs."""
    command = os.environ.get("PYTEST", f"{sys.executable} -m pytest").split()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.xml")
        run([*command, "-q", f"--junitxml={report}", *tests], stderr=subprocess.STDOUT)
        if not report.exists():
            return {}
        results: dict[str, str] = {}
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            file = (case.get("classname") or "").replace(".", "/") + ".py"
            name = f"{file}::{(case.get('name') or '').split('[')[0]}"
            bad = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            if bad or results.get(name) in (None, "ok"):
                results[name] = bad[0] if bad else "ok"
    return results


def faults_of_a_run(wanted: list[str], results: dict[str, str]) -> dict[str, str]:
    """Tests that were not run, or did not pass."""
    said = {test: results.get(test, "there is no such test") for test in wanted}
    return {test: what for test, what in said.items() if what != "ok"}


def run_all(tests: set[str]) -> dict[str, str]:
    """What is wrong, by test."""
    groups = by_target(tests)
    programs = build([target for target in groups if target != "pytest"])
    wrong: dict[str, str] = {}
    for target, wanted in groups.items():
        begun = time.monotonic()
        if target == "pytest":
            results, prefix = run_python(wanted), ""
        elif target in programs:
            results, prefix = run_rust(programs[target], wanted), f"{target}::"
        else:
            results, prefix = {}, f"{target}::"
        bad = faults_of_a_run(wanted, results)
        wrong.update({prefix + test: what for test, what in bad.items()})
        passed = len(wanted) - len(bad)
        print(f"  {target}: {passed} of {len(wanted)} passed, {time.monotonic() - begun:.1f} s", flush=True)
    return wrong


def report(found: list[Row], wrong: dict[str, str], faults: list[str]) -> int:
    proved = 0
    for row in found:
        bad = [f"`{test}`: {wrong[test]}" for test in row.tests if test in wrong]
        faults += [f"{row.name}: {fault}" for fault in bad]
        proved += bool(row.tests) and not bad and not row.not_yet
    open_rows = [row.name for row in found if row.not_yet]
    for dialect in DIALECTS:
        of_it = [row for row in found if row.dialect == dialect]
        if of_it:
            print(f"{dialect}: {len(of_it)} rows, {sum(row.not_yet for row in of_it)} not yet")
    if open_rows:
        print("not yet: " + ", ".join(open_rows))
    for fault in faults:
        print(f"WRONG {fault}")
    print(f"{proved} rows proved by {len({t for row in found for t in row.tests})} tests, {len(faults)} wrong")
    return 1 if faults else 0


def check(found: list[Row]) -> int:
    faults = faults_of_the_table(found)
    if any("names no target" in fault for fault in faults):
        return report(found, {}, faults)
    return report(found, run_all({test for row in found for test in row.tests}), faults)


# ---- mutants ----


def goes_well(program: str, path: str, without: str, seconds: float | None) -> bool:
    """Whether a test passes when the simulator leaves this out. One that still waits after so long does not."""
    environment = {**os.environ, "UCWA_SIM_WITHOUT": without}
    try:
        ran = run([program, "--exact", path], stderr=subprocess.STDOUT, env=environment, timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return dict(RESULT.findall(ran.stdout)).get(path) == "ok"


def mutants(found: list[Row], at_once: int, patience: float) -> int:
    """Takes away from the simulator what each row is about: some test of the row has to fail, or to wait in vain."""
    chosen = [row for row in found if row.without]
    groups = by_target({test for row in chosen for test in row.tests})
    groups.pop("pytest", None)
    programs = build(list(groups))
    usual: dict[str, float] = {}
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:

        def whole(target: str, path: str) -> None:
            begun = time.monotonic()
            if goes_well(programs[target], path, "", None):
                usual[f"{target}::{path}"] = time.monotonic() - begun

        jobs = [pool.submit(whole, target, path) for target, paths in groups.items() for path in paths]
        concurrent.futures.wait(jobs)
        sick = [f"{target}::{path}" for target, paths in groups.items() for path in paths]
        sick = [test for test in sick if test not in usual]
        if sick:
            print("WRONG with the whole simulator these fail: " + ", ".join(sick))
            return 1

        def noticed_by(row: Row, without: str) -> str | None:
            for test in (test for test in row.tests if test in usual):
                target, _, path = test.partition("::")
                if not goes_well(programs[target], path, without, patience + 5 * usual[test]):
                    return test
            return None

        begun = time.monotonic()
        asked = [(row, without, pool.submit(noticed_by, row, without)) for row in chosen for without in row.without]
        alive = 0
        for row, without, answer in asked:
            test = answer.result()
            alive += test is None
            print(f"{row.name}: without {without}: {test or 'WRONG, every test stays green'}", flush=True)
    seconds = time.monotonic() - begun
    print(f"{len(asked)} mutants of {len(chosen)} rows in {seconds:.0f} s, {alive} stay alive")
    return 1 if alive else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["check", "mutants"], default="check")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    parser.add_argument("--at-once", type=int, default=4, help="how many mutants run beside each other (4)")
    parser.add_argument("--patience", type=float, default=10, help="seconds after which a mutant's test has failed (10)")
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    arguments = parser.parse_args()
    found = [row for row in rows(TABLE.read_text(encoding="utf-8")) if arguments.only in row.name]
    if arguments.list:
        for row in found:
            print(row.name, row.dialect, NOT_YET if row.not_yet else " ".join(row.tests), sep="\t")
        return 0
    if arguments.what == "mutants":
        return mutants(found, arguments.at_once, arguments.patience)
    return check(found)


if __name__ == "__main__":
    sys.exit(main())
