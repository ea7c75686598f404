"""Invoice extraction in pydantic-ai, traced by itself: typed output, a tool that asks to retry, a delegate."""

import telemetry
from opentelemetry import trace
from pydantic import BaseModel
from pydantic_ai import Agent, InstrumentationSettings, ModelRetry, RunContext
from pydantic_ai.models.openai import OpenAIChatModel


class Invoice(BaseModel):
    """What accounting wants to know."""

    supplier: str
    total_eur: float
    due: str
    ledger_account: str


LETTER = "Nordlicht GmbH, invoice 2211: 14 desk lamps, 1 274,50 EUR, payable by 30 June."


def main() -> None:
    provider = telemetry.provider("accounts-payable")
    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
    classifier = Agent(
        OpenAIChatModel("gpt-5-nano"), name="ledger_classifier", instructions="Name the ledger account only."
    )
    extractor = Agent(
        OpenAIChatModel("gpt-5-mini"),
        name="invoice_extractor",
        instructions="Extract the invoice. Ask for the ledger account and the exchange rate.",
        output_type=Invoice,
    )

    @extractor.tool
    async def ledger_account(ctx: RunContext, item: str) -> str:
        """The ledger account for an item."""
        return (await classifier.run(f"Which account takes {item}?", usage=ctx.usage)).output

    @extractor.tool_plain(retries=2)
    def exchange_rate(currency: str) -> float:
        """Units of a currency for one euro."""
        if currency != "EUR":
            raise ModelRetry("Give the currency as an ISO 4217 code, for example EUR.")
        return 1.0

    with trace.get_tracer("accounts-payable").start_as_current_span("process-invoice") as span:
        span.set_attribute("session.id", "inbox-2026-06")
        span.set_attribute("user.id", "accounting@example.com")
        span.set_attribute("langfuse.trace.tags", ["accounting", "pydantic-ai"])
        span.set_attribute("langfuse.observation.input", LETTER)
        result = extractor.run_sync(LETTER)
        span.set_attribute("langfuse.observation.output", result.output.model_dump_json())
    provider.force_flush()


main()
