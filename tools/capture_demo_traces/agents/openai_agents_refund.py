"""A triage agent that hands a customer to a refund agent with tools, in the OpenAI Agents SDK with OpenInference."""

import asyncio

import telemetry
from agents import Agent, Runner, function_tool, set_tracing_export_api_key, trace
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor


@function_tool
def find_order(order_id: str) -> dict:
    """Look up an order."""
    return {"order_id": order_id, "status": "delivered", "item": "Ceramic teapot", "price_usd": 64.0}


@function_tool
def issue_refund(order_id: str, amount_usd: float, reason: str) -> dict:
    """Pay an amount back."""
    return {"refund_id": "rf-20931", "order_id": order_id, "amount_usd": amount_usd, "reason": reason}


async def main() -> None:
    provider = telemetry.provider("refund-desk")
    set_tracing_export_api_key("unused")
    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
    refunds = Agent(
        name="Refund specialist",
        instructions="Check the order, then refund damaged goods.",
        model="gpt-4.1",
        tools=[find_order, issue_refund],
    )
    triage = Agent(
        name="Triage",
        instructions="Send the customer to the right colleague.",
        model="gpt-4.1-mini",
        handoffs=[refunds],
    )
    with (
        using_attributes(session_id="ticket-5518", user_id="grace@example.com", tags=["support", "refund"]),
        trace("Refund desk"),
    ):
        await Runner.run(triage, "My teapot (order 7731) arrived with a broken spout. I want my money back.")
    provider.force_flush()


asyncio.run(main())
