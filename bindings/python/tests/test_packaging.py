"""What the module is as a file, and beside other files."""

from __future__ import annotations

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys

import pytest

import ucwa
from ucwa import _ucwa

BINDING = pathlib.Path(__file__).parents[1]


def test_the_extension_exports_its_entry_and_nothing_else():
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", _ucwa.__file__], check=True, capture_output=True, text=True
    ).stdout
    assert [line.split()[-1] for line in listed.splitlines()] == ["PyInit__ucwa"]


def test_the_extension_is_for_every_python_from_the_oldest_on():
    assert pathlib.Path(_ucwa.__file__).name == "_ucwa.abi3.so"


def test_the_version_is_said_once():
    assert ucwa.__version__ == importlib.metadata.version("libucwa")


def test_whoever_gets_the_module_gets_its_licences():
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        assert (BINDING / name).read_text() == (BINDING.parents[1] / name).read_text()


@pytest.mark.parametrize("first", ["library", "module"])
@pytest.mark.parametrize("binding", ["local", "global"])
def test_the_c_library_and_the_module_live_in_one_process(sim, first, binding):
    library = os.environ.get("UCWA_LIB", str(BINDING.parents[1] / "target/debug/libucwa.so"))
    program = subprocess.run(
        [sys.executable, str(BINDING / "tests/with_the_c_library.py"), first, binding, json.dumps(sim.where)],
        env={**os.environ, "UCWA_LIB": library},
        capture_output=True,
        text=True,
    )
    assert (program.returncode, program.stdout) == (0, "both work\n"), program.stderr
