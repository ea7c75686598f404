"""Replacing credentials while everything runs: what accepts the old and the new one at a time, in which order."""
