"""Looks into a wheel, then installs it as its users do: each Python of this machine, a clean environment, no Rust."""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent / "bindings/python/python/ucwa"
OLDEST = (3, 10)
# Whether it is CPython, has what makes an environment, and can load a module of the stable ABI.
SUITABLE = """
import platform, sys, sysconfig, ensurepip, venv
assert platform.python_implementation() == "CPython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(*sys.version_info[:2], sys.executable)
"""


def fail(text: str) -> None:
    sys.exit(f"try_wheel: {text}")


def check_contents(wheel: pathlib.Path) -> None:
    """The package whole and nothing else, the licences, one extension."""
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if not name.endswith("/")]
        own = {f"ucwa/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.rglob("*")
               if path.suffix in (".py", ".pyi", ".typed")}
        extensions = [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
        information = {name.split("/", 1)[1] for name in names if ".dist-info/" in name}
        found = {name for name in names if ".dist-info/" not in name}
        if len(extensions) != 1 or found != own | set(extensions):
            fail(f"in the wheel and not in the package, or the other way round: {sorted(found ^ own)}")
        for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
            if f"licenses/{licence}" not in information:
                fail(f"{licence} is missing: {sorted(information)}")
        with tempfile.TemporaryDirectory() as folder:
            extension = pathlib.Path(opened.extract(extensions[0], folder))
            size = extension.stat().st_size
            if sys.platform == "linux":
                check_symbols(wheel, extension)
    print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.2f} MiB, the extension {size / 2**20:.2f} MiB")


def check_symbols(wheel: pathlib.Path, extension: pathlib.Path) -> None:
    """It exports its entry alone, and asks for no glibc beyond the tag, when there is one."""

    def symbols(which: str) -> list[str]:
        listed = subprocess.run(["nm", "-D", which, extension], check=True, capture_output=True, text=True).stdout
        return [line.split()[-1] for line in listed.splitlines()]

    if symbols("--defined-only") != ["PyInit__ucwa"]:
        fail(f"the extension exports {symbols('--defined-only')}")
    versions = {tuple(map(int, found)) for symbol in symbols("--undefined-only")
                for found in re.findall(r"@GLIBC_(\d+)\.(\d+)", symbol)}
    tags = [tuple(map(int, found)) for found in re.findall(r"manylinux_(\d+)_(\d+)_", wheel.name)]
    if tags and max(versions) > min(tags):
        fail(f"{wheel.name} needs glibc {max(versions)}")


def interpreters(given: list[str]) -> dict[tuple[int, int], str]:
    """One of each version, by version: those of PATH, then those of pyenv."""
    found: dict[tuple[int, int], str] = {}
    for candidate in given or candidates():
        said = subprocess.run([candidate, "-I", "-c", SUITABLE], capture_output=True, text=True)
        if said.returncode == 0:
            major, minor, path = said.stdout.split(maxsplit=2)
            found.setdefault((int(major), int(minor)), path.strip())
        elif given:
            fail(f"{candidate}: {said.stderr.strip()}")
    return {version: found[version] for version in sorted(found) if version >= OLDEST}


def candidates() -> list[str]:
    named = re.compile(r"python3(\.\d+)?$")
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    folders = [pathlib.Path(folder) for folder in os.get_exec_path()] + sorted(pyenv.glob("versions/*/bin"))
    return [str(path) for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if named.match(path.name)]


def install_and_play(python: str, wheel: pathlib.Path, environment: pathlib.Path) -> None:
    subprocess.run([python, "-I", "-m", "venv", "--clear", environment], check=True)
    # Only what is in the environment itself: no cargo, no compiler, no index.
    variables = {"PATH": str(environment / "bin"), "UCWA_SIM": os.environ["UCWA_SIM"]}
    assert shutil.which("cargo", path=variables["PATH"]) is None

    def run(*command: object) -> None:
        subprocess.run([environment / "bin/python", "-I", *command], check=True, env=variables)

    pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "install", "--no-index", "--only-binary=:all:", wheel)
    run(HERE / "smoke.py")
    run(*pip, "uninstall", "--yes", "libucwa")
    left = list(environment.glob("lib*/python*/site-packages/ucwa"))
    if left:
        fail(f"left behind: {left}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--environments", type=pathlib.Path, required=True, help="a folder for them")
    arguments.add_argument("--tag", default="", help="of platforms that the wheel has to bear")
    arguments.add_argument("wheel", type=pathlib.Path)
    arguments.add_argument("pythons", nargs="*", help="in place of those that are found")
    given = arguments.parse_args()
    if given.tag not in given.wheel.name:
        fail(f"{given.wheel.name} is not tagged {given.tag}")
    check_contents(given.wheel)
    found = interpreters(given.pythons)
    if not found:
        fail("there is no CPython 3.10 or later that makes environments: apt-get install python3-venv")
    for (major, minor), python in found.items():
        install_and_play(python, given.wheel.resolve(), given.environments / f"{major}.{minor}")


if __name__ == "__main__":
    main()
