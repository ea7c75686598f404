"""How a long-running process of ours collects garbage."""

import gc


def collect_rarely() -> None:
    """Decoding makes many short-lived objects without cycles: look for cycles rarely, and never among what stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
