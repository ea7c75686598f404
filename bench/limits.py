"""What this machine could do at best: a server that only reads bodies, an engine that only inserts."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
started = time.perf_counter()
client.command("INSERT INTO t SELECT * FROM file('rows.native', 'Native')")
print(json.dumps(rows / (time.perf_counter() - started)))
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


def raw_insert_per_second(rows: int) -> float:
    """Rows of the same size per second that the engine stores from bytes already in its own format."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _INSERT, str(Path(folder) / "engine"), str(rows)],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=300,
        )
    return float(json.loads(done.stdout.splitlines()[-1]))
