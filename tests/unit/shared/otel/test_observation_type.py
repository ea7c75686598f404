"""The type of an observation follows the first convention that knows one."""

from typing import Any

import pytest

from support.otlp import observe

OWN = {"name": "langfuse-sdk", "version": "3.3.2"}
PYTHON = {"telemetry.sdk.language": "python"}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, "SPAN"),
        ({"unknown": "x"}, "SPAN"),
        *(
            ({f"{brand}.observation.type": name.lower()}, name)
            for brand in ("langfuse", "elasticdash")
            for name in (
                *("SPAN", "GENERATION", "EVENT", "EMBEDDING", "AGENT"),
                *("TOOL", "CHAIN", "RETRIEVER", "GUARDRAIL", "EVALUATOR"),
            )
        ),
        *(({"openinference.span.kind": kind}, kind) for kind in ("CHAIN", "RETRIEVER", "AGENT", "TOOL", "EVALUATOR")),
        ({"openinference.span.kind": "LLM"}, "GENERATION"),
        ({"openinference.span.kind": "RERANKER"}, "SPAN"),
        *(({"gen_ai.operation.name": name}, "GENERATION") for name in ("chat", "text_completion", "generate_content")),
        ({"gen_ai.operation.name": "embeddings"}, "EMBEDDING"),
        ({"gen_ai.operation.name": "create_agent"}, "AGENT"),
        ({"gen_ai.operation.name": "execute_tool"}, "TOOL"),
        ({"genkit:metadata:subtype": "background-model"}, "GENERATION"),
        ({"genkit:metadata:subtype": "tool.v2"}, "TOOL"),
        ({"ai.operationId": "ai.streamText.doStream", "ai.model.id": "m"}, "GENERATION"),
        ({"operation.name": "ai.embedMany.doEmbed fn", "ai.model.id": "m"}, "EMBEDDING"),
        ({"ai.operationId": "ai.generateText.doGenerate"}, "SPAN"),
        ({"ai.operationId": "ai.toolCall"}, "TOOL"),
        ({"ai.operationId": "ai.generateText"}, "SPAN"),
        ({"gen_ai.tool.call.id": "1"}, "TOOL"),
        ({"flue.tool.call_id": "1"}, "TOOL"),
        ({"flue.task.agent": "a"}, "AGENT"),
        *(({key: "m"}, "GENERATION") for key in ("gen_ai.request.model", "llm.model_name", "model")),
    ],
)
def test_one_convention(attributes: dict[str, Any], expected: str):
    assert observe(attributes).type == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"langfuse.observation.type": "tool", "openinference.span.kind": "LLM"}, "TOOL"),
        ({"langfuse.observation.type": "nonsense", "openinference.span.kind": "LLM"}, "GENERATION"),
        ({"openinference.span.kind": "UNKNOWN", "gen_ai.operation.name": "chat"}, "GENERATION"),
        ({"gen_ai.operation.name": "execute_tool", "gen_ai.request.model": "m"}, "TOOL"),
        ({"gen_ai.tool.name": "t", "model": "m"}, "TOOL"),
        ({"langfuse.observation.type": "tool", "elasticdash.observation.type": "agent"}, "AGENT"),
        ({"langfuse.observation.type": 5, "model": "m"}, "GENERATION"),
    ],
)
def test_first_that_knows_wins(attributes: dict[str, Any], expected: str):
    assert observe(attributes).type == expected


@pytest.mark.parametrize(("name", "expected"), [("agent_turn", "AGENT"), ("function_tool", "TOOL"), ("other", "SPAN")])
def test_livekit_names_its_spans(name: str, expected: str):
    assert observe({}, name=name, scope={"name": "livekit-agents"}).type == expected
    assert observe({}, name=name).type == "SPAN"


@pytest.mark.parametrize(
    ("scope", "resource", "expected"),
    [
        (OWN, PYTHON, "GENERATION"),
        ({**OWN, "version": "3.4.0"}, PYTHON, "SPAN"),
        (OWN, {"telemetry.sdk.language": "nodejs"}, "SPAN"),
        ({"name": "other"}, PYTHON, "SPAN"),
    ],
)
def test_early_python_sdks_called_generations_spans(scope: dict[str, str], resource: dict[str, str], expected: str):
    attributes = {"langfuse.observation.type": "span", "langfuse.observation.model.name": "m"}

    assert observe(attributes, scope=scope, resource=resource).type == expected
