"""A travel planner as a LangGraph graph with tools, traced by the Langfuse callback: two turns of one session."""

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langfuse import get_client, propagate_attributes
from langfuse.langchain import CallbackHandler
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition


@tool
def search_flights(origin: str, destination: str, date: str) -> list[dict]:
    """Find flights on a day."""
    return [
        {"flight": "LH 1234", "from": origin, "to": destination, "departs": f"{date} 08:40", "price_eur": 189},
        {"flight": "TP 571", "from": origin, "to": destination, "departs": f"{date} 14:05", "price_eur": 142},
    ]


@tool
def get_weather(city: str) -> str:
    """The forecast for a city."""
    return f"{city}: 19 °C, sunny, light wind from the west"


def build_graph():
    tools = [search_flights, get_weather]
    planner = ChatOpenAI(model="gpt-4o", temperature=0.2, max_retries=0).bind_tools(tools)
    reviewer = ChatOpenAI(model="gpt-4o-mini", temperature=0, max_retries=0)

    def plan(state: MessagesState) -> dict:
        return {"messages": [planner.invoke(state["messages"])]}

    def review(state: MessagesState) -> dict:
        instruction = SystemMessage("Check the plan for mistakes and answer the traveller.")
        return {"messages": [reviewer.invoke([instruction, state["messages"][-1]])]}

    graph = StateGraph(MessagesState)
    graph.add_node("plan", plan)
    graph.add_node("tools", ToolNode(tools))
    graph.add_node("review", review)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", tools_condition, {"tools": "tools", END: "review"})
    graph.add_edge("tools", "plan")
    graph.add_edge("review", END)
    return graph.compile(name="travel-planner")


def main() -> None:
    travel = build_graph()
    for question in ("Find me a flight from Berlin to Lisbon on 12 May.", "What should I pack?"):
        with propagate_attributes(
            trace_name="travel-planner",
            session_id="trip-lisbon",
            user_id="ada@example.com",
            tags=["travel", "langgraph"],
        ):
            messages = [SystemMessage("You plan trips."), HumanMessage(question)]
            travel.invoke({"messages": messages}, config={"callbacks": [CallbackHandler()]})
    get_client().flush()


main()
