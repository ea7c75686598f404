"""`POST /api/public/scores` on a running Logger: one score, arrays, a public key alone."""

import httpx

from support.golden import Golden, Json
from support.server import RunningServer


def _score(golden: Golden, name: str, **body: object) -> Json:
    return {"id": golden.id(name), "traceId": golden.id("t"), "name": "n", "value": 1, **body}


def test_strangers_are_refused(golden: Golden) -> None:
    response = httpx.post(golden.client.base_url.join("/api/public/scores"), json=_score(golden, "s"))

    assert response.status_code == 401


def test_a_public_key_alone_writes_but_neither_reads_nor_deletes(golden: Golden, server: RunningServer) -> None:
    headers = {"Authorization": f"Bearer {server.public_key}"}
    with httpx.Client(base_url=f"{server.url}/api/public", headers=headers) as client:
        created = client.post("/scores", json=_score(golden, "s"))

        assert (created.status_code, created.json()) == (200, {"id": golden.id("s")})
        assert client.get("/v2/scores").status_code == 403
        assert client.delete(f"/scores/{golden.id('s')}").status_code == 403
    assert golden.score(golden.id("s"))["value"] == 1


def test_a_score_that_breaks_a_rule_is_refused(golden: Golden) -> None:
    response = golden.client.post("/api/public/scores", json=_score(golden, "s", sessionId="two targets"))

    assert response.status_code == 400


def test_an_empty_id_is_replaced(golden: Golden) -> None:
    response = golden.client.post("/api/public/scores", json={**_score(golden, "s"), "id": ""})

    assert golden.score(response.json()["id"])["value"] == 1


def test_an_array_is_accepted_or_says_what_was_refused(golden: Golden) -> None:
    good, bad = _score(golden, "good"), _score(golden, "bad", dataType="BOOLEAN", value=2)

    accepted = golden.client.post("/api/public/scores", json=[good])
    mixed = golden.client.post("/api/public/scores", json=[good, bad])

    assert (accepted.status_code, accepted.json()) == (202, {"message": "Accepted"})
    body = mixed.json()
    assert (mixed.status_code, body["accepted"], body["rejected"], len(body["errors"])) == (207, 1, 1, 1)
    assert golden.score(golden.id("good"))["value"] == 1
    assert golden.score(golden.id("bad"), lambda score: not score) == {}


def test_a_replayed_score_stays_deleted(golden: Golden) -> None:
    golden.client.post("/api/public/scores", json=_score(golden, "s"))
    assert golden.score(golden.id("s"))

    golden.client.delete(f"/api/public/scores/{golden.id('s')}")
    golden.client.post("/api/public/scores", json=_score(golden, "s"))
    golden.settle()

    assert golden.list("/v2/scores", scoreIds=golden.id("s")) == []
