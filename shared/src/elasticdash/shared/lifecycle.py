"""Whether a process still takes new work: said once by the signal, asked by everything that answers for it."""


class Lifecycle:
    """Starts as serving; draining is for good."""

    def __init__(self) -> None:
        self._is_draining = False

    @property
    def is_draining(self) -> bool:
        """Whether the process was told to stop."""
        return self._is_draining

    def drain(self) -> None:
        """Take no new work from now on."""
        self._is_draining = True
