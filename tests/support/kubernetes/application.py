"""Pods of an application in the cluster, which reaches an instance as its users do: by Service and delivered keys."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from support.kubernetes.api import ApiError, Object, eventually
from support.kubernetes.operator import Instance

_ENDED_SECONDS = 600
_PORT = 8000
_ANSWER_SECONDS = 300
# Sends a trace with an SDK, and asks for it until it is there.
SDK = """
import json, time
from langfuse import Langfuse
langfuse = Langfuse()
assert langfuse.auth_check()
with langfuse.start_as_current_observation(name="answer", input={"question": "six by nine"}) as root:
    with langfuse.start_as_current_observation(name="think", as_type="generation", model="gpt-4o") as generation:
        generation.update(output="42", usage_details={"input": 10, "output": 5})
    root.update(output="42")
    trace_id = root.trace_id
langfuse.flush()
deadline = time.monotonic() + 300
while True:
    try:
        trace = langfuse.api.trace.get(trace_id)
        if len(trace.observations) == 2:
            break
    except Exception as error:
        if time.monotonic() > deadline:
            raise
    assert time.monotonic() < deadline, "the trace did not come back whole"
    time.sleep(1)
print(json.dumps({"id": trace.id, "observations": sorted(each.name for each in trace.observations)}))
"""
_CLIENT = """
import json, os, threading, time, uuid
import httpx
auth = (os.environ["LANGFUSE_PUBLIC_KEY"], os.environ["LANGFUSE_SECRET_KEY"])
client = httpx.Client(base_url=os.environ["LANGFUSE_HOST"], auth=auth, timeout=30)
def send():
    trace_id, now = uuid.uuid4().hex, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {"id": trace_id, "name": "sent", "timestamp": now}
    event = {"id": uuid.uuid4().hex, "type": "trace-create", "timestamp": now, "body": body}
    return trace_id, client.post("/api/public/ingestion", json={"batch": [event]}).status_code
def seen():
    page, ids = 1, set()
    while True:
        answer = client.get("/api/public/traces", params={"limit": 100, "page": page}).raise_for_status().json()
        ids |= {trace["id"] for trace in answer["data"]}
        if page >= answer["meta"]["totalPages"]:
            return ids
        page += 1
def unread(trace_ids, seconds):
    deadline, left = time.monotonic() + seconds, set(trace_ids)
    while left and time.monotonic() < deadline:
        try:
            left -= seen()
        except httpx.HTTPError:
            # This one waits for what was sent; whether requests fail is for TRAFFIC to say.
            pass
        time.sleep(0.5)
    return sorted(left)
"""
# Keeps a secret of a provider, as people do who let the Logger call models.
KEEP_A_SECRET = f"""{_CLIENT}
body = {{"provider": "kept", "adapter": "openai", "secretKey": "sk-kept"}}
print(json.dumps(client.put("/api/public/llm-connections", json=body).status_code))
"""
# Sends and reads all the time until it is asked how that went: what failed, and what was accepted and did not come.
TRAFFIC = f"""{_CLIENT}
from http.server import BaseHTTPRequestHandler, HTTPServer
sent, failed, stopping = [], [], threading.Event()
def run():
    while not stopping.wait(0.25):
        try:
            trace_id, status = send()
            (sent if status == 207 else failed).append(trace_id if status == 207 else f"send {{status}}")
            status = client.get("/api/public/traces", params={{"limit": 5}}).status_code
            if status != 200:
                failed.append(f"list {{status}}")
        except httpx.HTTPError as error:
            failed.append(repr(error))
thread = threading.Thread(target=run)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/finish":
            stopping.set()
            thread.join()
        lost = unread(sent, 180) if stopping.is_set() else []
        body = json.dumps({{"sent": len(sent), "failed": failed, "lost": lost}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
thread.start()
HTTPServer(("", {_PORT}), Handler).serve_forever()
"""


def burst(count: int) -> str:
    """A script that sends so many batches and prints the ids of their traces."""
    return f"""{_CLIENT}
answers = [send() for _ in range({count})]
assert {{status for _, status in answers}} == {{207}}, answers
print(json.dumps([trace_id for trace_id, _ in answers]))
"""


def reading(trace_ids: list[str]) -> str:
    """A script that waits for these traces and prints those that did not come."""
    return f"{_CLIENT}\nprint(json.dumps(unread({trace_ids!r}, 300)))\n"


def doors(places: Mapping[str, tuple[str, int]], awaited: Sequence[str]) -> str:
    """A script that prints the names of the places that take a connection, once these are just the awaited.

    A network learns of a pod after its start: until a minute has passed others may be open, or not yet.
    """
    return f"""
import json, socket, time
def is_open(host, port):
    try:
        socket.create_connection((host, port), timeout=5).close()
        return True
    except OSError:
        return False
deadline = time.monotonic() + 60
while True:
    opened = sorted(name for name, place in {dict(places)!r}.items() if is_open(*place))
    if opened == {sorted(awaited)!r} or time.monotonic() > deadline:
        break
print(json.dumps(opened))
"""


def login_at_redis(url: str) -> str:
    """A script that prints what a Redis answers to the login in this URL."""
    return f"""
import json, socket, urllib.parse
parts = urllib.parse.urlsplit({url!r})
connection = socket.create_connection((parts.hostname, parts.port), timeout=30)
connection.sendall(f"AUTH {{parts.username}} {{parts.password}}\\r\\n".encode())
print(json.dumps(connection.recv(1000).decode()))
"""


def start(instance: Instance, image: str, name: str, script: str, labels: Mapping[str, str] | None = None) -> Object:
    """A pod that runs the script with the keys of the instance's first project."""

    def from_keys(key: str) -> Object:
        return {"secretKeyRef": {"name": f"{instance.name}-keys", "key": key}}

    variables = {"LANGFUSE_HOST": "host", "LANGFUSE_PUBLIC_KEY": "publicKey", "LANGFUSE_SECRET_KEY": "secretKey"}
    container = {
        "name": "main",
        "image": image,
        "args": ["-c", script],
        "env": [{"name": variable, "valueFrom": from_keys(key)} for variable, key in variables.items()],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return instance.api.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": instance.namespace, "labels": dict(labels or {})},
            "spec": {"restartPolicy": "Never", "securityContext": security, "containers": [container]},
        }
    )


def run(instance: Instance, image: str, name: str, script: str, labels: Mapping[str, str] | None = None) -> Any:
    """What the script printed last, as JSON; AssertionError with its log when it fails."""
    start(instance, image, name, script, labels)
    ended = eventually(
        lambda: instance.api.get("v1", "Pod", name, instance.namespace),
        lambda pod: pod["status"]["phase"] in ("Succeeded", "Failed"),
        _ENDED_SECONDS,
    )
    log = instance.api.request("GET", f"{instance.api.path_of(ended)}/log").text
    # One with an instance's labels would count as a part of it.
    instance.api.delete(ended)
    assert ended["status"]["phase"] == "Succeeded", log
    return json.loads(log.splitlines()[-1])


def traffic(instance: Instance, image: str, name: str) -> None:
    """Start TRAFFIC; returns once something was sent."""
    start(instance, image, name, TRAFFIC)
    eventually(lambda: _asked(instance, name, ""), lambda report: report.get("sent", 0) > 0, _ENDED_SECONDS)


def finish(instance: Instance, name: str) -> Any:
    """Stop TRAFFIC and have it judge: `sent`, `failed`, `lost`."""
    return _asked(instance, name, "finish")


def _asked(instance: Instance, name: str, path: str) -> Any:
    """Through the API server: this machine need not reach pods. Empty while the pod does not answer."""
    proxy = f"/api/v1/namespaces/{instance.namespace}/pods/{name}:{_PORT}/proxy/{path}"
    with suppress(ApiError):
        return instance.api.request("GET", proxy, timeout=_ANSWER_SECONDS).json()
    return {}
