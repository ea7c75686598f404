"""Golden case G46, and what else ends a trace's life."""

from support.golden import Golden, hex_id, span
from support.server import get_json, read_until


def test_g46_a_deleted_trace_stays_deleted(golden: Golden):
    trace_id, span_id = hex_id(16), hex_id(8)
    golden.export(span(trace_id, span_id))
    golden.accept(golden.event("score-create", 0, {"id": golden.id("s"), "traceId": trace_id, "name": "n", "value": 1}))
    golden.trace(trace_id, lambda trace: bool(trace.get("scores")))

    deleted = golden.client.delete(f"/api/public/traces/{trace_id}")
    read_until(lambda: get_json(golden.client, f"/traces/{trace_id}"), lambda found: found == {})
    golden.export(span(trace_id, hex_id(8), name="late"))
    golden.accept(golden.event("trace-create", 0, {"id": trace_id, "name": "revived"}))
    golden.settle()

    assert (deleted.status_code, deleted.json()) == (200, {"message": "Trace deleted successfully"})
    assert get_json(golden.client, f"/traces/{trace_id}") == {}
    assert get_json(golden.client, f"/observations/{span_id}") == {}
    assert get_json(golden.client, f"/v2/scores/{golden.id('s')}") == {}
    assert golden.list("/observations", traceId=trace_id) == []


def test_g46_unknown_ids_are_deleted_successfully(golden: Golden):
    one = golden.client.delete("/api/public/traces/nobody")
    many = golden.client.request("DELETE", "/api/public/traces", json={"traceIds": ["nobody", "no-one"]})

    assert (one.status_code, many.status_code) == (200, 200)
    assert many.json() == {"message": "Traces deleted successfully"}
