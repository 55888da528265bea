"""The command `vobj`: shows what the library knows, one file per command.

Theory
    A command asks the library, turns the answer into plain data, and prints that: as tables and
    lines for people, or as one JSON document with `--json`. What it prints is the same in every run
    when it does not go to a terminal: 100 columns, ASCII frames, no colour.

    Everything that may come from a peer (payloads, their names, the errors about them) passes
    through `vobj.cli.screen.clean` before it reaches a terminal.

    Exit statuses: 0, it is as it should be; 1, what the command looked at is wrong (a payload, a
    declaration, a check of the demo); 2, the command could not start (a wrong argument, a module
    that is not there, a demo that could not be set up).

    Command modules import click at the top and everything slow inside functions, so that `--help`
    answers at once.
"""
