"""Langfuse's Python SDK 3.x."""

import third_generation
from langfuse import Langfuse
from langfuse.media import LangfuseMedia

third_generation.run(Langfuse(), LangfuseMedia)
