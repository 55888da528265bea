"""`python -m benchmarks.conductor_load`: what a conductor costs beside the bare transport.

Theory
    Every contender is a process of its own and answers the same number of callers, each of which
    sends its next request when it has the answer. Calls per second depend on what else the machine
    does, so the contenders take turns in every round and the best round counts; the processor time
    of the serving processes per call depends on that least of all, and is what compares best.

    Over HTTP the callers are connections of one asyncio process that writes prepared bytes, so that
    the load costs as little as it can. Over RPC they are threads with one client of oslo.messaging.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import conductor_objects as objects
from vobj import Codec, Manifest

RABBITMQ = os.environ.get("VOBJ_RABBITMQ_URL", "rabbit://guest:guest@127.0.0.1:5672/")
CALLERS = 8
DIFFERENT = 5_000  # payloads, for what must not be kept
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """The best round of one contender: calls per second, milliseconds, microseconds of CPU."""

    name: str
    rate: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    cpu: float = field(default=float("inf"))

    def take(self, seconds: float, times: list[float], used: float) -> None:
        """One more round. times: of each call, in seconds."""
        self.cpu = min(self.cpu, used / len(times) * 1e6)
        if len(times) / seconds > self.rate:
            self.rate = len(times) / seconds
            self.p50 = statistics.median(times) * 1e3
            self.p99 = statistics.quantiles(times, n=100)[98] * 1e3


@dataclass
class Served:
    """A contender that runs, and how it is called."""

    name: str
    process: subprocess.Popen[str]
    load: Callable[[float], tuple[float, list[float]]]

    def cpu(self) -> float:
        """Seconds of processor time that it and its children have used."""
        return sum(map(_used, _family(self.process.pid)))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for place in Path("/proc").glob("[0-9]*"):
        if _told(int(place.name))[1:2] == [str(pid)]:
            yield from _family(int(place.name))


def _used(pid: int) -> float:
    told = _told(pid)
    return (int(told[11]) + int(told[12])) / _TICKS if told else 0.0


def _told(pid: int) -> list[str]:
    """What the system says of a process, from its state on; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def running(command: list[str], ready: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has printed that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line.startswith(ready):
            raise SystemExit(f"{' '.join(command)} did not start")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def http_load(path: str, requests: list[bytes]) -> Callable[[float], tuple[float, list[float]]]:
    """Callers on connections of a unix socket, for some seconds."""

    async def caller(first: int, until: float, times: list[float]) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        turn = first
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(requests[turn % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:20]:
                raise SystemExit(f"{head!r}")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - began)
            turn += CALLERS
        writer.close()

    async def load(seconds: float) -> tuple[float, list[float]]:
        times: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(caller(one, began + seconds, times) for one in range(CALLERS)))
        return time.perf_counter() - began, times

    return lambda seconds: asyncio.run(load(seconds))


def rpc_load(
    topic: str, exchange: str, namespace: str | None, requests: list[dict[str, Any]]
) -> Callable[[float], tuple[float, list[float]]]:
    """Callers in threads of this process, for some seconds."""
    import oslo_messaging as messaging
    from oslo_config import cfg

    cfg.CONF([], default_config_files=[])
    transport = messaging.get_rpc_transport(cfg.CONF, url=RABBITMQ)
    target = messaging.Target(exchange=exchange, topic=topic)
    plain = messaging.get_rpc_client(transport, target, timeout=20)
    client = plain.prepare(namespace=namespace, version="1.0")

    def load(seconds: float) -> tuple[float, list[float]]:
        times: list[float] = []
        began = time.perf_counter()

        def caller(first: int) -> None:
            turn = first
            while time.perf_counter() < began + seconds:
                start = time.perf_counter()
                request = requests[turn % len(requests)]
                client.call({}, "object_backport_versions", **request)
                times.append(time.perf_counter() - start)
                turn += CALLERS

        threads = [threading.Thread(target=caller, args=(one,)) for one in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began, times

    return load


def post(body: bytes, *headers: str, path: str = "/v1/backport") -> bytes:
    """One request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def documents(number: int) -> list[bytes]:
    """Requests in JSON, as any peer sends them."""
    codec = Codec("primitive")
    made = (codec.encode(objects.load_server(one)) for one in range(number))
    return [
        post(json.dumps({"payload": one, "manifest": objects.VOBJ_OLD}).encode(),
             "Content-Type: application/json")
        for one in made
    ]  # fmt: skip


def payloads(number: int, wire: str) -> list[bytes]:
    """Payloads alone, for a manifest that the conductor knows."""
    codec = Codec(wire)
    known = Manifest(objects.VOBJ_OLD).fingerprint
    return [
        post(codec.encode(objects.load_server(one)), "Content-Type: application/vnd.vobj",
             f"Vobj-Fingerprint: {known}")
        for one in range(number)
    ]  # fmt: skip


def _teach(path: str) -> None:
    """Let a conductor know the manifest by its fingerprint."""
    manifest = Manifest(objects.VOBJ_OLD)
    body = {"payloads": [], "manifest": manifest.to_dict(), "fingerprint": manifest.fingerprint}
    request = post(json.dumps(body).encode(), "Content-Type: application/json")
    for _ in range(10):  # each worker is to have it
        http_load(path, [request])(0.01)


def command(path: str, factory: str, *more: str) -> list[str]:
    """A conductor as an operator starts it."""
    return ["vobj", "conductor", "--import", f"benchmarks.conductor_servers:{factory}",
            "--listen", f"unix:{path}", *more]  # fmt: skip


def measured(contenders: list[Served], rounds: int, seconds: float) -> list[Result]:
    """The best round of each, with all of them taking turns."""
    results = [Result(one.name) for one in contenders]
    for one in contenders:
        one.load(seconds / 4)
    for _ in range(rounds):
        for one, result in zip(contenders, results, strict=True):
            before = one.cpu()
            took, times = one.load(seconds)
            result.take(took, times, one.cpu() - before)
    return results


def over_http(place: Path, rounds: int, seconds: float) -> list[Result]:
    """The bare transport, and the conductor in each way that it is asked."""
    echo, kept, unkept, two = (str(place / f"{one}.sock") for one in ("e", "k", "u", "t"))
    servers = "benchmarks.conductor_servers"
    starts = "vobj conductor listens"
    with (
        running([servers, "echo-http", echo], "ready") as bare,
        running(command(kept, "kept"), starts) as keeping,
        running(command(unkept, "unkept"), starts) as working,
        running(command(two, "unkept", "--workers", "2"), starts) as both,
    ):
        for path in (kept, unkept, two):
            _teach(path)
        many = documents(DIFFERENT)
        return measured(
            [
                Served("echo of the bare transport", bare, http_load(echo, many)),
                Served("payload, msgpack, kept", keeping, http_load(kept, payloads(50, "msgpack"))),
                Served("payload, packed, kept", keeping, http_load(kept, payloads(50, "packed"))),
                Served("payload, msgpack, worked out", working,
                       http_load(unkept, payloads(DIFFERENT, "msgpack"))),
                Served("JSON, kept", keeping, http_load(kept, documents(50))),
                Served("JSON, worked out", working, http_load(unkept, many)),
                Served("JSON, worked out, 2 workers", both, http_load(two, many)),
            ],
            rounds, seconds,
        )  # fmt: skip


def over_rpc(place: Path, rounds: int, seconds: float) -> list[Result]:
    """The bare transport, a conductor as services wrote theirs, and vobj's."""
    name = uuid.uuid4().hex[:8]
    servers = "benchmarks.conductor_servers"
    codec = Codec("primitive")
    own = [{"objinst": codec.encode(objects.load_server(one)), "object_versions": objects.VOBJ_OLD}
           for one in range(DIFFERENT)]  # fmt: skip
    plain = [{"objinst": codec.encode(objects.plain_server(one)),
              "object_versions": objects.OSLO_OLD} for one in range(DIFFERENT)]  # fmt: skip

    def conductor(topic: str, factory: str, *more: str) -> list[str]:
        path = str(place / f"{topic}.sock")
        return command(path, factory, "--rpc-url", RABBITMQ, "--rpc-topic", topic,
                       "--rpc-exchange", "vobj-load", *more)  # fmt: skip

    def load(topic: str, namespace: str | None, requests: list[dict[str, Any]]) -> Any:
        return rpc_load(topic, "vobj-load", namespace, requests)

    ours, starts = "vobj.conductor", "vobj conductor listens"
    echo, nova, kept, unkept, two = (f"{one}-{name}" for one in ("e", "n", "k", "u", "t"))
    with (
        running([servers, "echo-rpc", RABBITMQ, echo], "ready") as bare,
        running([servers, "nova-rpc", RABBITMQ, nova], "ready") as handmade,
        running(conductor(kept, "kept"), starts) as keeping,
        running(conductor(unkept, "unkept"), starts) as working,
        running(conductor(two, "unkept", "--workers", "2"), starts) as both,
    ):
        return measured(
            [
                Served("echo of the bare transport", bare, load(echo, None, own)),
                Served("oslo's serializer, Nova-style backport", handmade, load(nova, None, plain)),
                Served("vobj, kept", keeping, load(kept, ours, own[:50])),
                Served("vobj, worked out", working, load(unkept, ours, own)),
                Served("vobj, worked out, 2 workers", both, load(two, ours, own)),
            ],
            rounds, seconds,
        )  # fmt: skip


def table(title: str, results: list[Result]) -> str:
    """Markdown. The first row is what the others are compared with."""
    first = results[0]
    heads = ("contender", "calls/s", "p50, ms", "p99, ms", "CPU/call, µs", "of the echo's calls/s")
    lines = [
        f"## {title}",
        "",
        f"| {' | '.join(heads)} |",
        "|---" + "|---:" * (len(heads) - 1) + "|",
    ]
    lines += [
        f"| {one.name} | {one.rate:.0f} | {one.p50:.2f} | {one.p99:.2f} | {one.cpu:.0f}"
        f" | {one.rate / first.rate:.0%} |"
        for one in results
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conductor_load")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each contender")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of one turn")
    parser.add_argument("--only", choices=["http", "rpc"], help="one transport")
    chosen = parser.parse_args(arguments)
    print(f"{os.cpu_count()} cores, {CALLERS} callers, 1 worker where nothing else is said\n")
    with tempfile.TemporaryDirectory(prefix="vobj-load-") as place:
        if chosen.only != "rpc":
            found = over_http(Path(place), chosen.rounds, chosen.seconds)
            print(table("HTTP, unix socket", found), end="\n\n", flush=True)
        if chosen.only != "http":
            found = over_rpc(Path(place), chosen.rounds, chosen.seconds)
            print(table("oslo.messaging, RabbitMQ", found), flush=True)


if __name__ == "__main__":
    main()
