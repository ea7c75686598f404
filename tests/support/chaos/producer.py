"""Sends a workload the way SDKs do, and writes down what it was told."""

import threading
import time

import httpx

from support.chaos import workload
from support.chaos.clients import Balancer, Project
from support.chaos.freshness import Freshness
from support.chaos.ledger import Answer, Fate, Ledger
from support.chaos.workload import Request, Sender

PATHS = {"batch": "/api/public/ingestion", "otlp": "/api/public/otel/v1/traces"}
# The Langfuse SDKs send a batch up to three times when an event of it failed.
MOST_RESENDS_OF_A_BATCH = 3
MOST_TRIES = 8
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
# A refusal that SDKs try again: batch SDKs on 429 and any 5xx, exporters on 408 and any 5xx.
_TRIED_AGAIN = {"batch": frozenset({429}), "otlp": frozenset({408})}


class Producer(threading.Thread):
    """One SDK instance, sending until told to stop: a request every so many seconds, or as fast as it is answered."""

    def __init__(
        self,
        sender: Sender,
        project: Project,
        balancer: Balancer,
        ledger: Ledger,
        freshness: Freshness,
        seconds_per_request: float,
    ) -> None:
        super().__init__(name=f"producer {sender.name}", daemon=True)
        self._sender, self._project, self._balancer = sender, project, balancer
        self._ledger, self._freshness, self._seconds_per_request = ledger, freshness, seconds_per_request
        self._stop_asked = threading.Event()

    def run(self) -> None:
        due = time.monotonic()
        for request in workload.requests(self._sender):
            self._wait_for_readers()
            self._deliver(request)
            due = max(due + self._seconds_per_request, time.monotonic() - self._seconds_per_request)
            if self._stop_asked.wait(max(0.0, due - time.monotonic())):
                return

    def ask_to_stop(self) -> None:
        """No further request; the present one is finished or given up."""
        self._stop_asked.set()

    def _wait_for_readers(self) -> None:
        """On a machine that is too slow for the load, what was sent is stored before more is."""
        while self._freshness.is_behind and not self._stop_asked.wait(FIRST_PAUSE_SECONDS):
            pass

    def _deliver(self, request: Request) -> None:
        """Try until the SDK would be content or give up."""
        resends = 0
        pause_seconds = FIRST_PAUSE_SECONDS
        for _ in range(MOST_TRIES):
            response = self._try(request)
            if response is not None and response.is_success:
                resends += 1
                if not self._record_success(request, response) or resends == MOST_RESENDS_OF_A_BATCH:
                    return
            elif response is not None and not _is_tried_again(request, response.status_code):
                return
            if self._stop_asked.is_set():
                return
            time.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _try(self, request: Request) -> httpx.Response | None:
        """The answer, None when the connection failed; either is recorded."""
        # Before it is sent: what is readable must always be known to the ledger.
        self._ledger.record(request.statements, Fate.REFUSED)
        try:
            response = self._balancer.post(PATHS[request.shape], self._project, request.body, request.headers)
        except httpx.ConnectError:
            self._ledger.count_answer(Answer(request.shape, "ConnectError"))
            return None
        except httpx.TransportError as error:
            self._ledger.record(request.statements, Fate.UNCERTAIN)
            self._ledger.count_answer(Answer(request.shape, type(error).__name__))
            return None
        self._ledger.count_answer(Answer(request.shape, response.status_code))
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._ledger.record(request.statements, Fate.UNCERTAIN)
        return response

    def _record_success(self, request: Request, response: httpx.Response) -> bool:
        """Whether the SDK sends the batch again: an event of it was refused."""
        refused = {error["id"] for error in response.json()["errors"]} if request.shape == "batch" else set[str]()
        for event_id, statements in request.by_event.items():
            if event_id not in refused:
                self._ledger.record(statements, Fate.ACKNOWLEDGED)
        self._freshness.expect(self._project, request.statements[0].entity)
        return bool(refused)


def _is_tried_again(request: Request, status: int) -> bool:
    return status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _TRIED_AGAIN[request.shape]
