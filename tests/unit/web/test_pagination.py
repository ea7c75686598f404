"""Pages are read and described as the contract says."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI

from elasticdash.web import error_responses
from elasticdash.web.pagination import Page, PageMeta, RequestedPage, page_meta


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    app = FastAPI()
    error_responses.add_to(app)

    @app.get("/")
    async def shown(page: RequestedPage) -> list[int]:
        return [page.number, page.limit, page.offset]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=99999999999999999999", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
    ],
)
async def test_out_of_bounds_is_refused(client: httpx.AsyncClient, query: str, path: str):
    response = await client.get(f"/?{query}")

    assert response.status_code == 400
    assert [issue["path"] for issue in response.json()["error"]] == [[path]]


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", [1, 50, 0]),
        ("page=&limit=", [1, 50, 0]),
        ("page=3&limit=20", [3, 20, 40]),
        ("limit=100", [1, 100, 0]),
        ("page=2&limit=1&other=x", [2, 1, 1]),
    ],
)
async def test_page_is_read(client: httpx.AsyncClient, query: str, page: list[int]):
    assert (await client.get(f"/?{query}")).json() == page


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (10, 1), (11, 2)])
def test_meta_counts_pages(total: int, pages: int):
    assert page_meta(Page(1, 10), total) == PageMeta(page=1, limit=10, total_items=total, total_pages=pages)
