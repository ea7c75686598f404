"""How people sign in follows from the settings, under our names and Langfuse's."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.settings import reading
from elasticdash.shared.settings.sign_in import SignInSettings
from elasticdash.standalone import sign_in

PROVIDER = {
    "AUTH_CUSTOM_ISSUER": "https://login.acme.test/",
    "AUTH_CUSTOM_CLIENT_ID": "logger",
    "AUTH_CUSTOM_CLIENT_SECRET": "only-the-provider-knows",
    "NEXTAUTH_URL": "https://logs.acme.test/base/api/auth",
}


def _set(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({**PROVIDER, "AUTH_CUSTOM_CLIENT_SECRET": ""}, "ELASTICDASH_OIDC_CLIENT_SECRET"),
        ({**PROVIDER, "NEXTAUTH_URL": ""}, "ELASTICDASH_PUBLIC_URL"),
        ({**PROVIDER, "AUTH_CUSTOM_ISSUER": "login.acme.test"}, "ELASTICDASH_OIDC_ISSUER"),
        ({**PROVIDER, "AUTH_CUSTOM_SCOPE": "email"}, "ELASTICDASH_OIDC_SCOPE"),
        ({"AUTH_DISABLE_USERNAME_PASSWORD": "true"}, "ELASTICDASH_DISABLE_PASSWORD_SIGN_IN"),
    ],
)
def test_what_would_let_nobody_in_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
):
    _set(monkeypatch, variables)

    with pytest.raises(errors.ConfigurationError, match=named):
        reading.check(SignInSettings)


def test_without_a_provider_there_is_the_password():
    rules = sign_in.rules(SignInSettings())

    assert (rules.has_passwords, rules.oidc) == (True, None)


def test_langfuses_names_set_up_the_provider(monkeypatch: pytest.MonkeyPatch):
    given = {
        "AUTH_CUSTOM_NAME": "Acme",
        "AUTH_CUSTOM_ALLOWED_DOMAINS": "acme.test, Acme.example",
        "AUTH_DISABLE_SIGNUP": "true",
        "LANGFUSE_DEFAULT_ORG_ID": "org",
        "LANGFUSE_DEFAULT_ORG_ROLE": "ADMIN",
    }
    _set(monkeypatch, {**PROVIDER, **given})

    oidc = sign_in.rules(SignInSettings()).oidc

    assert oidc is not None
    assert oidc.redirect_uri == "https://logs.acme.test/base/api/ui/oidc/callback"
    assert (oidc.name, oidc.allowed_domains) == ("Acme", {"acme.test", "acme.example"})
    assert (oidc.admission.creates, oidc.admission.organization_id, oidc.admission.role) == (False, "org", Role.ADMIN)
    assert not oidc.admission.links_passwords
    assert "only-the-provider-knows" not in repr(oidc)


def test_where_no_password_works_people_who_have_one_are_linked(monkeypatch: pytest.MonkeyPatch):
    _set(monkeypatch, {**PROVIDER, "AUTH_DISABLE_USERNAME_PASSWORD": "true"})

    rules = sign_in.rules(SignInSettings())

    assert not rules.has_passwords
    assert rules.oidc is not None
    assert rules.oidc.admission.links_passwords
