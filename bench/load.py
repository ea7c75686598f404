"""Sends request bodies from several connections and measures what a server's processes use meanwhile."""

import http.client
import os
import threading
import time
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

import psutil

TRACES_PATH = "/api/public/otel/v1/traces"
_MOST_TRIES = 300


def send_all(url: str, headers: dict[str, str], bodies: list[bytes], senders: int) -> tuple[float, list[float]]:
    """Send every body once; (seconds until the last was acknowledged, latency of each in seconds).

    503 and 429 are tried again after a pause; any other refusal raises.
    """
    todo, latencies, failures = list(reversed(bodies)), list[float](), list[str]()
    lock = threading.Lock()
    sent = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", **headers}

    def work() -> None:
        address = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
        while True:
            with lock:
                if not todo or failures:
                    return
                body = todo.pop()
            started = time.perf_counter()
            for _ in range(_MOST_TRIES):
                connection.request("POST", TRACES_PATH, body, sent)
                response = connection.getresponse()
                answer = response.read()
                if response.status not in (429, 503):
                    break
                time.sleep(0.1)
            with lock:
                latencies.append(time.perf_counter() - started)
                if response.status != 200:
                    failures.append(f"{response.status}: {answer[:200]!r}")

    threads = [threading.Thread(target=work) for _ in range(senders)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return time.perf_counter() - started, latencies


def cpu_seconds(process: psutil.Process) -> float:
    """User and system seconds of a process and its children so far."""
    return sum(sum(one.cpu_times()[:2]) for one in [process, *process.children(recursive=True)])


def rss_bytes(process: psutil.Process) -> int:
    """Resident memory of a process and its children."""
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


def disk_bytes(folder: Path) -> int:
    """Allocated bytes below a folder."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total


class PeakMemory(threading.Thread):
    """Samples the resident memory of processes together until stopped."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        super().__init__(daemon=True)
        self._processes, self._stop_asked, self.peak_bytes = processes, threading.Event(), 0

    def run(self) -> None:
        while not self._stop_asked.wait(0.2):
            self.peak_bytes = max(self.peak_bytes, sum(rss_bytes(process) for process in self._processes))

    def stop(self) -> int:
        """End sampling; the largest value seen."""
        self._stop_asked.set()
        self.join()
        return self.peak_bytes
