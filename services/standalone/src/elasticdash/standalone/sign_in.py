"""How people sign in, from the settings."""

from elasticdash.shared.domain.roles import Role
from elasticdash.shared.postgres.identities import Admission
from elasticdash.shared.settings.sign_in import SignInSettings
from elasticdash.web.auth.oidc.rules import OidcRules, SignInRules

# Where NextAuth lives: installations of Langfuse below a path have it in NEXTAUTH_URL.
_NEXTAUTH_PATH = "/api/auth"


def rules(settings: SignInSettings) -> SignInRules:
    """The ways to sign in; a provider only when all of it is set."""
    has_passwords = not settings.is_provider_only
    if settings.issuer is None or settings.client_id is None or settings.client_secret is None:
        return SignInRules(has_passwords)
    admission = Admission(
        # Where no password works, nobody else can know one of theirs.
        links_passwords=settings.is_linking_allowed or not has_passwords,
        creates=not settings.is_sign_up_off,
        organization_id=settings.default_org_id,
        role=Role(settings.default_org_role),
    )
    oidc = OidcRules(
        name=settings.name,
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        public_url=(settings.public_url or "").rstrip("/").removesuffix(_NEXTAUTH_PATH),
        scope=settings.scope,
        client_auth_method=settings.client_auth_method,
        allowed_domains=frozenset(
            domain.strip().lower() for domain in settings.allowed_domains.split(",") if domain.strip()
        ),
        admission=admission,
    )
    return SignInRules(has_passwords, oidc)
