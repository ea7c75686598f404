"""Table of failed attempts to sign in."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class SignInFailureRow(Row):
    """How often an account, an address or a pair of both failed since it last succeeded. `subject` is a hash."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
