"""The names of Services for the pods of a whole node: CoreDNS' answers for `cluster.local`, and nothing else."""

import socket
import struct
import threading
import time
from contextlib import suppress

import httpx

from support.kubernetes.api import Api, ApiError, Object
from support.kubernetes.kubeconfig import Access

ZONE = "cluster.local"
_PORT = 53
_ADDRESS_RECORD = 1
_TTL_SECONDS = 1
_REFRESH_PAUSE_SECONDS = 0.5
_JOIN_SECONDS = 10.0
_OK, _NO_SUCH_NAME = 0, 3


class DnsServer:
    """Answers over UDP from a view of Services and EndpointSlices that is at most a second old."""

    def __init__(self, access: Access, address: str) -> None:
        self._api = Api(access, "elasticdash-tests-dns")
        self._addresses: dict[str, list[str]] = {}
        self._stopping = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, _PORT))
        self._socket.settimeout(_REFRESH_PAUSE_SECONDS)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._serve, self._watch)]

    def start(self) -> None:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        self._socket.close()
        self._api.close()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            with suppress(ApiError, httpx.HTTPError):
                self._addresses = self._read()
            time.sleep(_REFRESH_PAUSE_SECONDS)

    def _read(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = {}
        for service in self._api.list("v1", "Service"):
            address = service["spec"].get("clusterIP", "")
            known[_name_of(service["metadata"]["name"], service["metadata"]["namespace"])] = (
                [] if address in ("", "None") else [address]
            )
        for slice_ in self._api.list("discovery.k8s.io/v1", "EndpointSlice"):
            service_name = slice_["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
            name = _name_of(service_name, slice_["metadata"]["namespace"])
            endpoints: list[Object] = slice_["endpoints"] or []
            for endpoint in endpoints:
                if endpoint.get("hostname"):
                    known[f"{endpoint['hostname']}.{name}"] = list(endpoint["addresses"])
                if endpoint["conditions"].get("ready") and not self._has_own_address(known, name):
                    known.setdefault(name, []).extend(endpoint["addresses"])
        return known

    def _has_own_address(self, known: dict[str, list[str]], name: str) -> bool:
        return any(address.startswith("10.96.") for address in known.get(name, []))

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                query, client = self._socket.recvfrom(1024)
                with suppress(OSError, IndexError, struct.error):
                    self._socket.sendto(answer(query, self._addresses), client)


def answer(query: bytes, addresses: dict[str, list[str]]) -> bytes:
    """The response to one question: its addresses, none for another type of record, or that there is no such name."""
    name, end = _question(query)
    (record_type,) = struct.unpack_from("!H", query, end)
    found = addresses.get(name.lower())
    records = (found or []) if record_type == _ADDRESS_RECORD else []
    code = _NO_SUCH_NAME if found is None else _OK
    # A response, authoritative, with recursion said to be available: resolvers complain otherwise.
    flags = 0x8580 | code
    header = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    pointer = b"\xc0\x0c"
    body = b"".join(
        pointer + struct.pack("!HHIH", _ADDRESS_RECORD, 1, _TTL_SECONDS, 4) + socket.inet_aton(address)
        for address in records
    )
    return header + query[12 : end + 4] + body


def _question(query: bytes) -> tuple[str, int]:
    """The name asked for and where it ends."""
    labels: list[str] = []
    position = 12
    while length := query[position]:
        labels.append(query[position + 1 : position + 1 + length].decode("ascii", errors="replace"))
        position += 1 + length
    return ".".join(labels), position + 1


def _name_of(service: str, namespace: str) -> str:
    return f"{service}.{namespace}.svc.{ZONE}"
