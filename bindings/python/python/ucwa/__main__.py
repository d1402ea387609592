"""`python -m ucwa`: see `_cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Optional

from . import __version__
from ._cli import doctor, options, watch

def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ucwa",
        description="Meetings, invitations and rosters of Skype for Business Server, on the command line.",
        epilog=options.STATUS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ucwa {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (watch, doctor):
        options.add_command(commands, command.NAME, command.HELP, command.__doc__, command.add_options, command.run)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen.of, chosen))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
