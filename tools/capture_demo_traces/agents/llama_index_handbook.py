"""Questions to a company handbook in LlamaIndex with OpenInference: embeddings, retrieval, synthesis."""

import telemetry
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI
from openinference.instrumentation import using_attributes
from openinference.instrumentation.llama_index import LlamaIndexInstrumentor

HANDBOOK = {
    "vacation": "Every employee has 30 days of vacation a year. Unused days are kept until the end of March.",
    "remote": "Working from home is possible on up to three days a week. Agree on the days with your team.",
    "expenses": "Travel expenses are paid back within ten days. Hand in receipts through the travel portal.",
}


def main() -> None:
    provider = telemetry.provider("handbook-search")
    Settings.llm = OpenAI(model="gpt-4o-mini", temperature=0.1, max_retries=0)
    Settings.embed_model = OpenAIEmbedding(model="text-embedding-3-small", max_retries=0)
    documents = [Document(text=text, metadata={"chapter": chapter}) for chapter, text in HANDBOOK.items()]
    index = VectorStoreIndex.from_documents(documents)
    LlamaIndexInstrumentor().instrument(tracer_provider=provider)
    with using_attributes(session_id="handbook-42", user_id="linus@example.com", tags=["rag", "handbook"]):
        index.as_query_engine(similarity_top_k=2).query("How many days of vacation can I keep for next year?")
    provider.force_flush()


main()
