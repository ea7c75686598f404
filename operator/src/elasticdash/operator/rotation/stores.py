"""What a rotation asks of a store, whichever it is."""

from typing import Protocol

from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.shared import errors


class StoreRejectedError(errors.ElasticDashError):
    """The store refuses, and trying again won't help; what was there before goes on working."""


class StoreLogins(Protocol):
    """The logins of one store. UnavailableError when it can't be asked now, StoreRejectedError when it refuses."""

    def following(self, present: Credentials, password: str) -> Credentials:
        """The login to change over to."""
        ...

    async def prepare(self, following: Credentials, previous: Credentials) -> None:
        """Make `following` work beside `previous`; again it is the same."""
        ...

    async def count_users(self, previous: Credentials) -> int:
        """How many sessions log in with `previous`, as far as the store can tell."""
        ...

    async def revoke(self, following: Credentials, previous: Credentials) -> None:
        """End `previous`; again it is the same. Nothing that `following` needs is touched."""
        ...
