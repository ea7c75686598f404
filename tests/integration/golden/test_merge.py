"""Golden cases G9-G23: any order, any split, the same rows."""

import threading

import pytest

from support.golden import Golden, at


def test_g09_create_and_update(golden: Golden):
    g1, t1 = golden.id("g1"), golden.id("t1")
    update = {"id": g1, "traceId": t1, "output": "o", "endTime": at(4), "usage": {"input": 3, "output": 2}}
    create = {"id": g1, "traceId": t1, "name": "n", "startTime": at(), "input": "i", "model": "gpt-4"}

    golden.accept(golden.event("generation-update", 5, update), golden.event("generation-create", 0, create))

    found = golden.observation(g1)
    assert (found["name"], found["input"], found["output"]) == ("n", "i", "o")
    assert (found["startTime"], found["endTime"]) == (at(), at(4))
    assert found["usageDetails"] == {"input": 3, "output": 2, "total": 5}
    assert found["costDetails"] == pytest.approx({"input": 9e-5, "output": 1.2e-4, "total": 2.1e-4})


def test_g10_envelope_time_orders_not_arrival(golden: Golden):
    t = golden.id("t")

    golden.accept(golden.event("trace-create", 10, {"id": t, "name": "late"}))
    golden.settle()
    golden.accept(golden.event("trace-create", 0, {"id": t, "name": "early", "userId": "u"}))

    found = golden.trace(t, lambda trace: trace.get("userId") == "u")
    assert (found["name"], found["userId"]) == ("late", "u")


def test_g11_at_equal_times_creates_come_first(golden: Golden):
    s, t = golden.id("s"), golden.id("t")

    golden.accept(
        golden.event("span-update", 0, {"id": s, "traceId": t, "name": "upd"}),
        golden.event("span-create", 0, {"id": s, "traceId": t, "name": "cre"}),
    )

    assert golden.observation(s)["name"] == "upd"


def test_g12_absent_null_and_empty(golden: Golden):
    t = golden.id("t")
    first = {"id": t, "name": "a", "userId": "u", "sessionId": "s", "metadata": {"k": 1}, "tags": ["x"], "input": "i"}
    second = {"id": t, "name": None, "metadata": None, "tags": [], "input": None}

    golden.accept(golden.event("trace-create", 0, first), golden.event("trace-create", 1, second))

    found = golden.trace(t)
    assert found["name"] in (None, "")
    assert (found["userId"], found["sessionId"], found["metadata"]) == ("u", "s", {"k": 1})
    assert (found["tags"], found["input"]) == (["x"], "i")


@pytest.mark.parametrize("apart", [False, True], ids=["one-batch", "two-requests"])
def test_g13_metadata_merges_deeply(golden: Golden, apart: bool):
    t = golden.id("t")
    first = golden.event("trace-create", 0, {"id": t, "metadata": {"a": {"x": 1, "y": 2}, "l": [1, 2, 3], "k": "v"}})
    second = golden.event("trace-create", 1, {"id": t, "metadata": {"a": {"x": 9, "z": 3}, "l": [8]}})

    if apart:
        golden.accept(first)
        golden.settle()
        golden.accept(second)
    else:
        golden.accept(first, second)

    merged = {"a": {"x": 9, "y": 2, "z": 3}, "l": [8, 2, 3], "k": "v"}
    assert golden.trace(t, lambda trace: trace.get("metadata") == merged)["metadata"] == merged


def test_g13_a_scalar_becomes_the_key_metadata(golden: Golden):
    golden.accept(golden.event("trace-create", 0, {"id": golden.id("t"), "metadata": "s"}))

    assert golden.trace(golden.id("t"))["metadata"] == {"metadata": "s"}


def test_g14_tags_are_united(golden: Golden):
    t = golden.id("t")

    golden.accept(
        golden.event("trace-create", 0, {"id": t, "tags": ["b", "a", "a"]}),
        golden.event("trace-create", 1, {"id": t, "tags": ["c"]}),
        golden.event("trace-create", 2, {"id": t, "tags": []}),
    )

    assert golden.trace(t)["tags"] == ["a", "b", "c"]


def test_g15_some_fields_keep_their_first_value(golden: Golden):
    t, s = golden.id("t"), golden.id("s")

    golden.accept(
        golden.event("trace-create", 0, {"id": t, "timestamp": at(), "environment": "prod"}),
        golden.event("trace-create", 1, {"id": t, "timestamp": at(100), "environment": "dev"}),
        golden.event("span-create", 0, {"id": s, "traceId": t, "startTime": at()}),
        golden.event("span-update", 1, {"id": s, "traceId": golden.id("other"), "startTime": at(50)}),
    )

    trace, observation = golden.trace(t), golden.observation(s)
    assert (trace["timestamp"], trace["environment"]) == (at(), "prod")
    assert (observation["traceId"], observation["startTime"]) == (t, at())


def test_g16_public_is_kept_until_said_otherwise(golden: Golden):
    kept, closed = golden.id("kept"), golden.id("closed")

    golden.accept(
        golden.event("trace-create", 0, {"id": kept, "public": True}),
        golden.event("trace-create", 1, {"id": kept, "name": "n"}),
        golden.event("trace-create", 0, {"id": closed, "public": True}),
        golden.event("trace-create", 1, {"id": closed, "public": False}),
    )

    assert golden.trace(kept)["public"] is True
    assert golden.trace(closed)["public"] is False


def test_g17_usage_is_replaced_as_a_whole(golden: Golden):
    g, t = golden.id("g"), golden.id("t")

    golden.accept(
        golden.event(
            "generation-create",
            0,
            {"id": g, "traceId": t, "usageDetails": {"input": 1, "output": 2}, "costDetails": {"input": 0.5}},
        ),
        golden.event("generation-update", 1, {"id": g, "usageDetails": {"output": 5}, "costDetails": {}}),
    )

    found = golden.observation(g)
    assert found["usageDetails"] == {"output": 5, "total": 5}
    assert found["costDetails"]["input"] == 0.5


def test_g18_an_update_long_before_its_create(golden: Golden):
    s, t = golden.id("s"), golden.id("t")

    golden.accept(golden.event("span-update", 5, {"id": s, "traceId": t, "endTime": at(5)}))
    golden.settle()
    golden.accept(golden.event("span-create", 0, {"id": s, "traceId": t, "startTime": at(), "name": "n"}))

    found = golden.observation(s, lambda observation: observation.get("name") == "n")
    assert (found["startTime"], found["name"], found["endTime"]) == (at(), "n", at(5))


def test_g19_a_falsy_output_does_not_replace(golden: Golden):
    kept, replaced = golden.id("kept"), golden.id("replaced")

    for id_, output in ((kept, 0), (replaced, {})):
        golden.accept(
            golden.event("span-create", 0, {"id": id_, "traceId": golden.id("t"), "output": "x"}),
            golden.event("span-update", 1, {"id": id_, "output": output}),
        )

    assert golden.observation(kept)["output"] == "x"
    assert golden.observation(replaced)["output"] == {}


def test_g20_an_end_before_the_start_is_clamped(golden: Golden):
    body = {"id": golden.id("s"), "traceId": golden.id("t"), "startTime": at(), "endTime": at(-3)}

    golden.accept(golden.event("span-create", 0, body))

    assert golden.observation(golden.id("s"))["endTime"] == at()


def test_g21_a_change_of_type_leaves_one_observation(golden: Golden):
    x, t = golden.id("x"), golden.id("t")

    golden.accept(golden.event("span-create", 0, {"id": x, "traceId": t, "name": "n"}))
    golden.settle()
    golden.accept(golden.event("generation-create", 1, {"id": x, "traceId": t}))

    assert golden.observation(x, lambda found: found.get("type") == "GENERATION")["name"] == "n"
    assert [row["type"] for row in golden.list("/observations", traceId=t)] == ["GENERATION"]


def test_g22_replays_change_nothing(golden: Golden):
    t, g, s = golden.id("t"), golden.id("g"), golden.id("s")
    batch = [
        golden.event("trace-create", 0, {"id": t, "name": t}),
        golden.event(
            "generation-create",
            0,
            {"id": g, "traceId": t, "startTime": at(), "model": "gpt-4", "usage": {"input": 1000, "output": 0}},
        ),
        golden.event("score-create", 0, {"id": s, "traceId": t, "name": "n", "value": 1}),
    ]

    golden.accept(*batch)
    golden.settle()
    golden.accept(*batch)
    threads = [threading.Thread(target=golden.send, args=batch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    golden.settle()

    (trace,) = golden.list("/traces", name=t)
    assert (trace["observations"], trace["scores"]) == ([g], [s])
    assert trace["totalCost"] == pytest.approx(0.03)
    assert len(golden.list("/observations", traceId=t)) == 1


def test_g23_one_trace_across_midnight(golden: Golden):
    t = golden.id("t")
    first = {**golden.event("trace-create", 0, {"id": t, "timestamp": "2026-01-15T23:59:59.900Z"})}
    second = {**golden.event("trace-create", 0, {"id": t, "name": t})}

    golden.accept({**first, "timestamp": "2026-01-15T23:59:59.900Z"})
    golden.settle()
    golden.accept({**second, "timestamp": "2026-01-16T00:00:00.100Z"})

    assert golden.trace(t, lambda trace: trace.get("name") == t)["timestamp"] == "2026-01-15T23:59:59.900Z"
    golden.settle()
    assert len(golden.list("/traces", name=t)) == 1
