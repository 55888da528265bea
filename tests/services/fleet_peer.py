"""Processes of a fleet, for tests that need several.

`python -m tests.services.fleet_peer WHAT URL` prints one line when it is done, or when it is there.
"""

from __future__ import annotations

import os
import sys
import threading

from vobj.fleet import Fleet
from vobj.version import Manifest

OLD = Manifest({"YardDock": "1.2", "YardCrane": "1.0"})
ASKED = (("compute", "n1"), "YardDock", "1.4", "1.2")


def announce(url: str, number: str) -> None:
    """Make the record, at the same moment as others do, and announce many services."""
    with Fleet(url) as fleet:
        for host in range(20):
            lease = fleet.announce("dock", OLD, host=f"h{number}-{host}")
            lease.renew()
            fleet.backports.backported({ASKED: 1})
            if host % 2:
                lease.withdraw()


def live(url: str) -> None:
    """Be live until stdin ends, or until somebody kills the process."""
    with Fleet(url, lease=2.0) as fleet, fleet.announce("dock", OLD, host="victim"):
        sys.stdout.write("live\n")
        sys.stdout.flush()
        sys.stdin.read()


def fork(url: str) -> None:
    """Count backports before a fork and on both sides of it."""
    with Fleet(url) as fleet:
        fleet.backports.backported({ASKED: 3})
        child = os.fork()
        if child == 0:
            fleet.backports.backported({ASKED: 5})
            threads = [threading.Thread(target=fleet.status) for _ in range(4)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            fleet.close()
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        fleet.backports.backported({ASKED: 1})
    sys.stdout.write(f"{status}\n")


if __name__ == "__main__":
    {"announce": announce, "live": live, "fork": fork}[sys.argv[1]](*sys.argv[2:])
