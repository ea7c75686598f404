"""What this machine could do at best: a server that only reads bodies, an engine that only inserts."""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.load import send_all

_BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", log_level="error")
"""

_INSERT = """
import json, sys, time
import clickhouse_connect
client = clickhouse_connect.get_client(dsn="chdb:///" + sys.argv[1])
columns = (
    "project_id String, trace_id String, id String, start_time DateTime64(6), name String, input String, output String"
)
client.command(f"CREATE TABLE t ({columns}) ENGINE = MergeTree ORDER BY (project_id, trace_id, id)")
rows = int(sys.argv[2])
client.command(
    "INSERT INTO FUNCTION file('rows.native', 'Native') SELECT 'p' AS project_id, lower(hex(intDiv(number, 10))) AS"
    " trace_id, lower(hex(number)) AS id, now64(6) AS start_time, 'step' AS name,"
    f" randomPrintableASCII(1000, 1) AS input, randomPrintableASCII(1000, 2) AS output FROM numbers({rows})"
)
started, cpu_started = time.perf_counter(), time.process_time()
client.command("INSERT INTO t SELECT * FROM file('rows.native', 'Native')")
print(json.dumps([rows / (time.perf_counter() - started), (time.process_time() - cpu_started) / rows * 10_000]))
"""


def bare_accept_per_second(bodies: list[bytes], observations: int, senders: int, port: int) -> float:
    """Observations per second that a bare ASGI application takes in without doing anything with them."""
    process = subprocess.Popen([sys.executable, "-c", _BARE, str(port)])
    try:
        time.sleep(1.5)
        seconds, _ = send_all(f"http://127.0.0.1:{port}", {}, bodies, senders)
    finally:
        process.terminate()
        process.wait(10)
    return observations / seconds


def raw_insert(rows: int) -> tuple[float, float]:
    """Rows of the same size from bytes already in the engine's own format: (rows a second, CPU seconds per 10,000)."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _INSERT, str(Path(folder) / "engine"), str(rows)],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=300,
        )
    per_second, cpu_seconds = json.loads(done.stdout.splitlines()[-1])
    return float(per_second), float(cpu_seconds)


def parse_cpu_seconds_per_10k(bodies: list[bytes], observations: int) -> float:
    """CPU seconds to unpack and parse 10,000 spans without looking at any of them: as fast as this machine is now."""
    started = time.process_time()
    for body in bodies:
        ExportTraceServiceRequest.FromString(gzip.decompress(body))
    return (time.process_time() - started) / observations * 10_000
