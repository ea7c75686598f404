"""A session secret is replaced while people stay signed in; a secret that is gone signs nobody in."""

import dataclasses
from pathlib import Path

from sqlalchemy import text

from elasticdash.shared.keyrings import SessionKeys
from support import metadata, signed_in
from support.signed_in import Web

OLD, NEW = "old secret of the tests", "new secret of the tests"
EMAIL = "someone@example.com"


def under(web: Web, *secrets: str) -> Web:
    """The service as a process with these secrets has it, on the same store."""
    keys = dataclasses.replace(metadata.KEYS, sessions=SessionKeys(secrets))
    return dataclasses.replace(web, services=dataclasses.replace(web.services, keys=keys))


async def test_who_can_write_to_the_store_signs_nobody_in(tmp_path: Path):
    async with signed_in.opened(tmp_path) as web:
        user_id = await signed_in.add_user(web.database, EMAIL, {})
        forged = SessionKeys(["guessed secret"]).signed("token")
        async with web.database.writing() as session:
            await session.execute(
                text("INSERT INTO user_sessions VALUES (:hash, :user, '2026-01-01', '2099-01-01', '2099-01-01')"),
                {"hash": forged, "user": user_id},
            )

        browser = web.browser()
        browser.cookies.set("elasticdash-session", "token")
        session_shape = (await browser.get("/api/ui/session")).json()

    assert session_shape["signedIn"] is None


async def test_a_dropped_secret_ends_its_sessions(tmp_path: Path):
    async with signed_in.opened(tmp_path) as web:
        await signed_in.add_user(web.database, EMAIL, {})
        before = under(web, OLD).browser()
        await signed_in.sign_in(before, EMAIL)

        after = under(web, NEW).browser()
        after.cookies = before.cookies
        session_shape = (await after.get("/api/ui/session")).json()

    assert session_shape["signedIn"] is None


async def test_people_stay_signed_in_through_both_rolls(tmp_path: Path):
    async with signed_in.opened(tmp_path) as web:
        await signed_in.add_user(web.database, EMAIL, {})
        browsers = [under(web, *secrets).browser() for secrets in [(OLD,), (OLD, NEW), (NEW, OLD), (NEW,)]]
        await signed_in.sign_in(browsers[0], EMAIL)
        # Old and new processes answer in turn: each pair overlaps during a roll.
        seen: list[bool] = []
        for number in (0, 1, 0, 1, 2, 1, 2, 3):
            browsers[number].cookies = browsers[0].cookies
            seen.append((await browsers[number].get("/api/ui/session")).json()["signedIn"] is not None)
        new_sign_in = await signed_in.sign_in(browsers[2], EMAIL)
        browsers[1].cookies = browsers[2].cookies
        seen.append((await browsers[1].get("/api/ui/session")).json()["signedIn"] is not None)
        ended = await browsers[1].delete("/api/ui/session", headers=new_sign_in)

    assert seen == [True] * 9
    assert ended.status_code == 204
