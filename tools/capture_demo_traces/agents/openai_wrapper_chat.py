"""A support chat with Langfuse's 2.x SDK and its OpenAI wrapper: batch events, feedback scores, one refused answer."""

import contextlib

from langfuse import Langfuse
from langfuse.decorators import langfuse_context, observe
from langfuse.openai import openai

QUESTIONS = ["How do I reset my password?", "It says my link has expired.", "Can a human call me?"]


@observe(as_type="span")
def find_articles(question: str) -> list[str]:
    """The help pages that match."""
    return [f"help/{word.strip('?.').lower()}" for word in question.split() if len(word) > 6]


@observe(name="support-chat", capture_input=False)
def answer(client: openai.OpenAI, history: list[dict], question: str) -> str:
    """One turn of the conversation."""
    langfuse_context.update_current_trace(
        session_id="chat-80211",
        user_id="alan@example.com",
        tags=["chat", "support"],
        version="2026.4",
        input=question,
    )
    articles = find_articles(question)
    history.append({"role": "user", "content": f"{question}\nArticles: {', '.join(articles) or 'none'}"})
    completion = client.chat.completions.create(
        name="reply", model="gpt-4o-mini", messages=history, temperature=0.4, max_tokens=300
    )
    text = completion.choices[0].message.content
    history.append({"role": "assistant", "content": text})
    langfuse_context.score_current_trace(name="user-feedback", value=1 if "link" in text else 0, data_type="BOOLEAN")
    return text


def main() -> None:
    client = openai.OpenAI(max_retries=0)
    history = [{"role": "system", "content": "You help customers in one or two sentences."}]
    for question in QUESTIONS:
        with contextlib.suppress(openai.APIError):
            answer(client, history, question)
    langfuse_context.flush()
    Langfuse().flush()


main()
