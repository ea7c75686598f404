"""The OpenAI client through Langfuse's wrapper: one answer, one streamed answer, one refusal."""

import contextlib

import scenario
from langfuse import get_client, observe, propagate_attributes
from langfuse.openai import openai


@observe(name="openai-wrapper")
def converse(client: openai.OpenAI, sent: dict) -> None:
    common = {"model": sent["model"], "messages": sent["messages"], "temperature": 0.2}
    client.chat.completions.create(name="plain", **common)
    stream = client.chat.completions.create(
        name="streamed", stream=True, stream_options={"include_usage": True}, **common
    )
    for _ in stream:
        pass
    with contextlib.suppress(openai.APIError):
        client.chat.completions.create(name="refused", **common)


def main() -> None:
    sent = scenario.load()
    client = openai.OpenAI(max_retries=0)
    trace_id = get_client().create_trace_id()
    with propagate_attributes(session_id=sent["sessionId"], user_id=sent["userId"]):
        converse(client, sent, langfuse_trace_id=trace_id)
    get_client().flush()
    scenario.report(traceId=trace_id)


main()
