"""Signing in with a provider: what is refused, who gets in, and what they become."""

import dataclasses
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from elasticdash.shared.domain.roles import Role
from elasticdash.shared.postgres.identities import Admission
from elasticdash.shared.postgres.models.audit_logs import AuditLogRow
from elasticdash.shared.postgres.models.user_sessions import UserSessionRow
from elasticdash.shared.postgres.models.users import UserRow
from elasticdash.web.auth.oidc.provider import Provider as KnownProvider
from elasticdash.web.auth.oidc.rules import OidcRules, SignInRules
from support import oidc, signed_in
from support.oidc import Provider
from support.signed_in import Web

HOME = "http://localhost:3000"
STRANGERS_WELCOME = Admission(links_passwords=False, creates=True, organization_id="org", role=Role.MEMBER)


@pytest.fixture
def provider() -> Generator[Provider]:
    with oidc.running_provider() as running:
        yield running


def _rules(provider: Provider, **changes: Any) -> SignInRules:
    rules = OidcRules(
        name="Acme",
        issuer=provider.url,
        client_id=oidc.CLIENT_ID,
        client_secret=oidc.CLIENT_SECRET,
        public_url=HOME,
        scope="openid email profile",
        client_auth_method="client_secret_basic",
        allowed_domains=(),
        admission=STRANGERS_WELCOME,
    )
    return SignInRules(oidc=dataclasses.replace(rules, **changes))


@asynccontextmanager
async def _browsing(folder: Path, rules: SignInRules) -> AsyncGenerator[tuple[Web, httpx.AsyncClient]]:
    async with signed_in.opened(folder, rules=rules) as web, web.browser() as browser:
        yield web, browser


async def _at_provider(browser: httpx.AsyncClient, next_address: str = "/") -> str:
    """Begin, and let the provider send the person back: the address of its answer."""
    begun = await browser.get("/api/ui/oidc/sign-in", params={"next": next_address})
    assert begun.status_code == HTTPStatus.SEE_OTHER, begun.text
    async with httpx.AsyncClient(verify=False) as elsewhere:
        return (await elsewhere.get(begun.headers["location"])).headers["location"]


async def _signed_in_as(browser: httpx.AsyncClient) -> str | None:
    session = (await browser.get("/api/ui/session")).json()["signedIn"]
    return session and session["user"]["email"]


async def _outcome(browser: httpx.AsyncClient) -> str:
    """Where one goes through all of it leads to."""
    answer = await browser.get(await _at_provider(browser))
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return answer.headers["location"].removeprefix(HOME)


def _refused(reason: str) -> str:
    return f"/auth/sign-in?refused={reason}"


def _changed(address: str, **changes: str) -> str:
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value})).geturl()


async def test_without_a_provider_there_is_no_way(tmp_path: Path):
    async with _browsing(tmp_path, SignInRules()) as (_, browser):
        begun = await browser.get("/api/ui/oidc/sign-in")
        answered = await browser.get("/api/ui/oidc/callback?code=1&state=2")
        methods = (await browser.get("/api/ui/session/methods")).json()

    assert begun.status_code == answered.status_code == HTTPStatus.NOT_FOUND
    assert methods == {"hasPasswords": True, "provider": None}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "another"}, "attempt"),
        ({"state": ""}, "attempt"),
        ({"code": "made up"}, "provider"),
        ({"code": "", "error": "access_denied"}, "denied"),
        ({"iss": "https://evil.test"}, "provider"),
    ],
)
async def test_a_changed_answer_is_refused(tmp_path: Path, provider: Provider, change: dict[str, str], reason: str):
    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        answer = await browser.get(_changed(await _at_provider(browser), **change))
        person = await _signed_in_as(browser)

    assert answer.headers["location"] == HOME + _refused(reason)
    assert person is None


async def test_an_answer_in_another_browser_is_refused(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (web, attacker):
        answer = await _at_provider(attacker)
        async with web.browser() as victim:
            without = await victim.get(answer)
            await _at_provider(victim)
            with_their_own = await victim.get(answer)
            person = await _signed_in_as(victim)

    assert without.headers["location"] == with_their_own.headers["location"] == HOME + _refused("attempt")
    assert person is None


async def test_an_answer_counts_once(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        answer = await _at_provider(browser)
        kept = browser.cookies["elasticdash-sign-in"]
        first = await browser.get(answer)
        is_forgotten = "elasticdash-sign-in" not in browser.cookies
        browser.cookies["elasticdash-sign-in"] = kept
        again = await browser.get(answer)

    assert first.headers["location"] == f"{HOME}/"
    assert is_forgotten
    assert again.headers["location"] == HOME + _refused("provider")


async def test_what_the_browser_keeps_can_not_be_made_up(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        answer = await _at_provider(browser)
        body, signature = browser.cookies["elasticdash-sign-in"].split(".", 1)
        browser.cookies.clear()
        browser.cookies["elasticdash-sign-in"] = f"{body[:-4]}AAAA.{signature}"
        refused = await browser.get(answer)

    assert refused.headers["location"] == HOME + _refused("attempt")


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": [oidc.CLIENT_ID, "another client"]},
        {"azp": "another client"},
        {"iss": "https://evil.test"},
        {"exp": timedelta(hours=-1)},
        {"exp": None},
        {"iat": timedelta(hours=1)},
        {"nbf": timedelta(hours=1)},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
async def test_a_token_that_does_not_hold_is_refused(tmp_path: Path, provider: Provider, lie: dict[str, Any]):
    now = time.time()
    provider.lies = {
        claim: int(now + told.total_seconds()) if isinstance(told, timedelta) else told for claim, told in lie.items()
    }

    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        outcome = await _outcome(browser)
        person = await _signed_in_as(browser)

    assert outcome == _refused("token")
    assert person is None


def _sign_with_another_key(provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, parameters={"kid": provider.key.kid or ""})


def _sign_with_our_secret(provider: Provider) -> None:
    provider.signing_key, provider.algorithm = OctKey.import_key(oidc.CLIENT_SECRET), "HS256"


def _do_not_sign(provider: Provider) -> None:
    provider.signing_key, provider.algorithm = OctKey.generate_key(), "none"


@pytest.mark.parametrize(
    "lie",
    [_sign_with_another_key, _sign_with_our_secret, _do_not_sign],
    ids=lambda lie: lie.__name__,
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_signature_that_is_none_is_refused(tmp_path: Path, provider: Provider, lie: Callable[[Provider], None]):
    lie(provider)

    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        outcome = await _outcome(browser)

    assert outcome == _refused("token")


@pytest.mark.parametrize(
    "lie", [{"issuer": "https://evil.test"}, {"jwks_uri": "http://127.0.0.1:1/"}, {"token_endpoint": 7}], ids=str
)
async def test_a_provider_nobody_can_understand_is_named_as_the_problem(
    tmp_path: Path, provider: Provider, lie: dict[str, Any]
):
    provider.lies_in_discovery = lie

    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        begun = await browser.get("/api/ui/oidc/sign-in")

    assert begun.headers["location"] == HOME + _refused("provider")


@pytest.mark.parametrize("claim", [{"email_verified": False}, {"email_verified": None}, {"email": None}], ids=str)
async def test_an_unverified_address_lets_nobody_in(tmp_path: Path, provider: Provider, claim: dict[str, Any]):
    provider.lies = claim

    async with _browsing(tmp_path, _rules(provider)) as (web, browser):
        await signed_in.add_user(web.database, "ann@example.test", {"org": Role.OWNER})
        outcome = await _outcome(browser)

    assert outcome == _refused("unverified")


async def test_who_has_a_password_is_linked_only_where_that_is_allowed(tmp_path: Path, provider: Provider):
    allowing = dataclasses.replace(STRANGERS_WELCOME, links_passwords=True)
    (tmp_path / "other").mkdir()

    async with _browsing(tmp_path, _rules(provider)) as (web, browser):
        await signed_in.add_user(web.database, "ann@example.test", {"org": Role.OWNER})
        refused = await _outcome(browser)
    async with _browsing(tmp_path / "other", _rules(provider, admission=allowing)) as (web, browser):
        ann = await signed_in.add_user(web.database, "ann@example.test", {"org": Role.OWNER})
        linked = await _outcome(browser)
        session = (await browser.get("/api/ui/session")).json()["signedIn"]

    assert refused == _refused("linking")
    assert linked == "/"
    assert session["user"]["id"] == ann
    assert [each["role"] for each in session["organizations"]] == ["OWNER"]


async def test_strangers_stay_out_where_sign_up_is_off(tmp_path: Path, provider: Provider):
    closed = dataclasses.replace(STRANGERS_WELCOME, creates=False)

    async with _browsing(tmp_path, _rules(provider, admission=closed)) as (_, browser):
        outcome = await _outcome(browser)

    assert outcome == _refused("unknown")


@pytest.mark.parametrize(("domains", "outcome"), [({"acme.test"}, _refused("domain")), ({"example.test"}, "/")])
async def test_domains_are_allowed_by_name(tmp_path: Path, provider: Provider, domains: set[str], outcome: str):
    async with _browsing(tmp_path, _rules(provider, allowed_domains=domains)) as (_, browser):
        assert await _outcome(browser) == outcome


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/project/alpha/traces?q=x", "/project/alpha/traces?q=x"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("/a\r\nset-cookie: x", "/"),
    ],
)
async def test_one_is_led_to_our_own_addresses_only(tmp_path: Path, provider: Provider, wanted: str, led_to: str):
    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        answer = await browser.get(await _at_provider(browser, wanted))

    assert answer.headers["location"] == HOME + led_to


async def test_a_new_person_gets_the_role_that_is_set(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (web, browser):
        outcome = await _outcome(browser)
        session = (await browser.get("/api/ui/session")).json()["signedIn"]
        async with web.database.reading() as reading:
            user = (await reading.scalars(select(UserRow))).one()
            recorded = (await reading.scalars(select(AuditLogRow.resource_type).order_by(AuditLogRow.created_at))).all()

    assert outcome == "/"
    assert session["user"] == {"id": user.id, "email": "ann@example.test", "name": "Ann"}
    assert [(each["id"], each["role"]) for each in session["organizations"]] == [("org", "MEMBER")]
    assert user.password_hash is None
    assert {"user", "member", "identity", "session"} <= set(recorded)


async def test_a_person_is_known_by_the_providers_id_not_by_their_address(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (web, browser):
        await _outcome(browser)
        provider.person["email"] = "ann.married@example.test"
        await _outcome(browser)
        person = await _signed_in_as(browser)
        provider.person["sub"] = "another person, who was given the old address"
        provider.person["email"] = "bob@example.test"
        await _outcome(browser)
        async with web.database.reading() as reading:
            emails = (await reading.scalars(select(UserRow.email).order_by(UserRow.email))).all()
            sessions = await reading.scalar(select(func.count()).select_from(UserSessionRow))

    assert person == "ann@example.test"
    assert emails == ["ann@example.test", "bob@example.test"]
    assert sessions == 3


async def test_what_only_userinfo_tells_counts_when_it_is_of_the_same_person(tmp_path: Path, provider: Provider):
    told = {"email": "ann@example.test", "email_verified": True}
    del provider.person["email"], provider.person["email_verified"]

    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        provider.userinfo = {"sub": "somebody else", **told}
        of_another = await _outcome(browser)
        provider.userinfo = {"sub": provider.person["sub"], **told}
        of_the_same = await _outcome(browser)

    assert (of_another, of_the_same) == (_refused("unverified"), "/")


async def test_the_secret_may_be_sent_as_a_field(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider, client_auth_method="client_secret_post")) as (_, browser):
        assert await _outcome(browser) == "/"


async def test_a_new_key_of_the_provider_is_asked_for_and_made_up_ones_are_not(provider: Provider):
    rules, now = _rules(provider).oidc, [0.0]
    assert rules is not None
    known = KnownProvider(rules, lambda: now[0])
    await known.keys_for("first")
    provider.rotate()

    at_once = await known.keys_for("made up")
    now[0] += 31
    later = await known.keys_for(provider.key.kid)

    assert [key.kid for key in at_once] == ["first"]
    assert [key.kid for key in later] == [provider.key.kid]
    assert provider.requests.count("/jwks_uri") == 2


async def test_the_provider_is_asked_once_and_not_for_every_person(tmp_path: Path, provider: Provider):
    async with _browsing(tmp_path, _rules(provider)) as (_, browser):
        for _ in range(3):
            assert await _outcome(browser) == "/"

    assert provider.requests.count("/jwks_uri") == 1


async def test_where_passwords_are_off_none_works_and_members_get_none(tmp_path: Path, provider: Provider):
    rules = dataclasses.replace(_rules(provider), has_passwords=False)
    headers = {"origin": HOME}

    async with _browsing(tmp_path, rules) as (web, browser):
        await signed_in.add_user(web.database, "owner@example.test", {"org": Role.OWNER})
        body = {"email": "owner@example.test", "password": signed_in.PASSWORD}
        refused = await browser.post("/api/ui/session", json=body, headers=headers)
        provider.person["email"] = "owner@example.test"
        not_linked = await _outcome(browser)
        methods = (await browser.get("/api/ui/session/methods")).json()

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert not_linked == _refused("linking")
    assert methods == {"hasPasswords": False, "provider": "Acme"}
