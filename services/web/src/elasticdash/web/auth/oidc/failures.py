"""What can go wrong on the way through a provider, in the words the sign-in page knows."""

from typing import Literal

from elasticdash.shared import errors

Reason = Literal[
    "attempt",  # not begun in this browser, begun too long ago, or answered before
    "provider",  # can't be reached, or answers what nobody can understand
    "denied",  # the provider, or the person there, said no
    "token",  # what the provider vouches with does not hold
    "unverified",
    "domain",
    "linking",
    "unknown",
]


class SignInRefusedError(errors.AuthenticationError):
    """Nobody was signed in; `detail` is for the log and holds no secret."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"Signing in was refused: {reason}")
        self.reason: Reason = reason
        self.detail = detail
