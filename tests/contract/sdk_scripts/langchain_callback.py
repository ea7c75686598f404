"""A LangChain agent with a tool, traced by Langfuse's callback handler."""

import scenario
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langfuse import get_client
from langfuse.langchain import CallbackHandler


@tool
def order_status(order_id: str) -> str:
    """Where an order is."""
    return f"Order {order_id} is on its way."


def main() -> None:
    sent = scenario.load()
    agent = create_agent(ChatOpenAI(model=sent["model"], max_retries=0), [order_status], name="order-agent")
    handler = CallbackHandler()
    attribution = {
        "langfuse_session_id": sent["sessionId"],
        "langfuse_user_id": sent["userId"],
        "langfuse_tags": sent["tags"],
    }
    agent.invoke({"messages": sent["messages"]}, config={"callbacks": [handler], "metadata": attribution})
    get_client().flush()
    scenario.report(traceId=handler.last_trace_id)


main()
