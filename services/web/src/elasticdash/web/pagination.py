"""Pages of lists: which one was asked for, and what is said about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BeforeValidator

from elasticdash.web.wire import WireModel

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
# Beyond it the offset would not fit the engines' integers.
_MAX_PAGE = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list: `number` starts at 1, `limit` is rows per page."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.limit


class PageMeta(WireModel):
    """Where a page is in its list."""

    page: int
    limit: int
    total_items: int
    total_pages: int


def page_meta(page: Page, total_items: int) -> PageMeta:
    """What a list says about itself; an empty list has 0 pages."""
    total_pages = -(-total_items // page.limit)
    return PageMeta(page=page.number, limit=page.limit, total_items=total_items, total_pages=total_pages)


def page_parameters(default_limit: int) -> Callable[..., Page]:
    """A dependency that reads `page` and `limit`; empty means default, out of bounds is refused with 400."""

    def default_if_empty(default: int) -> BeforeValidator:
        def replaced(value: Any) -> Any:
            return default if value == "" else value

        return BeforeValidator(replaced)

    def read(
        page: Annotated[int, default_if_empty(1), Query(ge=1, le=_MAX_PAGE)] = 1,
        limit: Annotated[int, default_if_empty(default_limit), Query(ge=1, le=MAX_LIMIT)] = default_limit,
    ) -> Page:
        return Page(page, limit)

    return read


RequestedPage = Annotated[Page, Depends(page_parameters(DEFAULT_LIMIT))]
