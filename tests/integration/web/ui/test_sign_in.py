"""Signing in: who gets in, how long it lasts, how guessing is slowed down, and that only our pages can do it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import bcrypt
import httpx
import pytest
from sqlalchemy import func, select, update

from elasticdash.shared.domain.roles import Role
from elasticdash.shared.postgres.models.sign_in_failures import SignInFailureRow
from elasticdash.shared.postgres.models.user_sessions import UserSessionRow
from elasticdash.shared.postgres.models.users import UserRow
from support import signed_in
from support.signed_in import PASSWORD, Web, sign_in

EMAIL = "ann@example.test"
ORIGIN = {"origin": "http://localhost:3000"}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncGenerator[Web]:
    async with signed_in.opened(tmp_path) as opened:
        await signed_in.add_user(opened.database, EMAIL, {"org": Role.OWNER})
        yield opened


async def _attempt(client: httpx.AsyncClient, password: str, email: str = EMAIL) -> httpx.Response:
    return await client.post("/api/ui/session", json={"email": email, "password": password}, headers=ORIGIN)


async def test_nobody_is_signed_in_at_first(web: Web):
    async with web.browser() as browser:
        answer = await browser.get("/api/ui/session")

    assert answer.json() == {"signedIn": None}


async def test_unknown_and_wrong_are_answered_alike(web: Web):
    async with web.browser() as browser:
        unknown = await _attempt(browser, PASSWORD, "nobody@example.test")
        wrong = await _attempt(browser, "wrong")

    assert unknown.status_code == wrong.status_code == HTTPStatus.UNAUTHORIZED
    assert unknown.json() == wrong.json()
    assert "set-cookie" not in wrong.headers


async def test_an_imported_password_opens_and_is_kept_our_way_from_then_on(web: Web):
    imported = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with web.database.writing() as session:
        await session.execute(update(UserRow).values(password_hash=imported))

    async with web.browser() as browser:
        wrong = await _attempt(browser, "wrong")
        first = await _attempt(browser, PASSWORD)
        second = await _attempt(browser, PASSWORD)
    async with web.database.reading() as session:
        kept = await session.scalar(select(UserRow.password_hash))

    assert (wrong.status_code, first.is_success, second.is_success) == (HTTPStatus.UNAUTHORIZED, True, True)
    assert kept is not None
    assert kept.startswith("$argon2id$")


async def test_signing_in_shows_the_person_and_their_projects(web: Web):
    async with web.browser() as browser:
        await sign_in(browser, "  Ann@Example.test ")
        session = (await browser.get("/api/ui/session")).json()["signedIn"]

    assert session["user"]["email"] == EMAIL
    assert [(each["role"], [p["id"] for p in each["projects"]]) for each in session["organizations"]] == [
        ("OWNER", ["alpha", "beta"])
    ]


@pytest.mark.parametrize(
    ("base_url", "name", "is_secure"),
    [
        ("http://localhost:3000", "elasticdash-session", False),
        ("https://logs.test", "__Host-elasticdash-session", True),
    ],
)
async def test_the_cookie_is_out_of_reach(web: Web, base_url: str, name: str, is_secure: bool):
    async with web.browser(base_url=base_url) as browser:
        answer = await browser.post(
            "/api/ui/session", json={"email": EMAIL, "password": PASSWORD}, headers={"origin": base_url}
        )

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert ("Secure" in cookie) is is_secure
    async with web.database.reading() as session:
        kept = await session.scalar(select(UserSessionRow.token_hash))
    assert kept is not None
    assert kept not in cookie


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://evil.test"}, {"origin": "null"}, {"origin": "http://localhost:3001"}]
)
async def test_other_pages_can_not_sign_in(web: Web, headers: dict[str, str]):
    async with web.browser() as browser:
        answer = await browser.post("/api/ui/session", json={"email": EMAIL, "password": PASSWORD}, headers=headers)

    assert answer.status_code == HTTPStatus.FORBIDDEN


async def test_a_change_needs_the_sessions_own_proof(web: Web):
    async with web.browser() as browser, web.browser() as other:
        await sign_in(browser, EMAIL)
        foreign = await sign_in(other, EMAIL)
        without = await browser.delete("/api/ui/session", headers=ORIGIN)
        with_others = await browser.delete("/api/ui/session", headers=foreign)

    assert without.status_code == with_others.status_code == HTTPStatus.FORBIDDEN


async def test_signing_out_ends_the_session_itself(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, EMAIL)
        cookies = dict(browser.cookies)
        await browser.delete("/api/ui/session", headers=proof)
        browser.cookies.update(cookies)
        answer = await browser.get("/api/ui/session")

    assert answer.json() == {"signedIn": None}


@pytest.mark.parametrize("change", [{"last_seen_at": timedelta(hours=13)}, {"expires_at": timedelta(seconds=1)}])
async def test_a_session_ends_by_age(web: Web, change: dict[str, timedelta]):
    async with web.browser() as browser:
        await sign_in(browser, EMAIL)
        async with web.database.writing() as session:
            values = {name: datetime.now(UTC) - ago for name, ago in change.items()}
            await session.execute(update(UserSessionRow).values(values))
        answer = await browser.get("/api/ui/session")

    assert answer.json() == {"signedIn": None}


async def test_five_failures_make_the_address_wait_and_no_other(web: Web):
    async with web.browser() as attacker, web.browser("192.0.2.2") as owner:
        refused = [(await _attempt(attacker, f"guess {n}")).status_code for n in range(8)]
        late = await _attempt(attacker, PASSWORD)
        elsewhere = await _attempt(owner, PASSWORD)

    assert refused == [HTTPStatus.UNAUTHORIZED] * 5 + [HTTPStatus.TOO_MANY_REQUESTS] * 3
    assert late.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert elsewhere.status_code == HTTPStatus.NO_CONTENT


async def test_after_the_wait_the_right_password_works_and_clears_the_count(web: Web):
    async with web.browser() as browser:
        for n in range(5):
            await _attempt(browser, f"guess {n}")
        async with web.database.writing() as session:
            await session.execute(
                update(SignInFailureRow).values(last_failed_at=datetime.now(UTC) - timedelta(minutes=2))
            )
        answer = await _attempt(browser, PASSWORD)

    assert answer.status_code == HTTPStatus.NO_CONTENT
    async with web.database.reading() as session:
        left = await session.scalar(select(func.count()).select_from(SignInFailureRow))
    assert left == 1  # the address itself, which may try other accounts


async def test_changing_the_password_ends_every_other_session(web: Web):
    new = "another correct horse"
    async with web.browser() as browser, web.browser("192.0.2.2") as other:
        proof = await sign_in(browser, EMAIL)
        await sign_in(other, EMAIL)
        body = {"currentPassword": PASSWORD, "newPassword": new}
        refused = await browser.put("/api/ui/session/password", json={**body, "newPassword": "short"}, headers=proof)
        wrong = await browser.put("/api/ui/session/password", json={**body, "currentPassword": "x"}, headers=proof)
        answer = await browser.put("/api/ui/session/password", json=body, headers=proof)
        here, there = await browser.get("/api/ui/session"), await other.get("/api/ui/session")
        old, fresh = await _attempt(other, PASSWORD), await _attempt(other, new)

    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert wrong.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert here.json()["signedIn"] is not None
    assert there.json() == {"signedIn": None}
    assert (old.status_code, fresh.status_code) == (HTTPStatus.UNAUTHORIZED, HTTPStatus.NO_CONTENT)


async def test_no_password_is_in_an_answer(web: Web):
    secret = "s3cret" * 60
    async with web.browser() as browser:
        answer = await _attempt(browser, secret)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "s3cret" not in answer.text
