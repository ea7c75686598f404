"""Tells a few poison rows from a fault of ours: past a share of refused rows nothing more goes to quarantine."""


class RefusalBudget:
    """How many refused rows may be given up: a share of the rows that are stored, and never many at once."""

    def __init__(self, share: float, most: int) -> None:
        self._share = share
        self._most = most
        self._left = float(most)

    def stored(self, rows: int) -> None:
        """Rows went in: as many more as their share may be refused."""
        self._left = min(self._most, self._left + rows * self._share)

    def take(self) -> bool:
        """Whether one more row may be given up, which is then counted."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
