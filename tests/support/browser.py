"""A real browser on a real Logger: what it prints, what it asks for and what its policy refuses is kept."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from support import one_at_a_time
from support.server import PROJECT_ID, RunningServer
from support.servers import origin
from support.servers.origin import DebianProgram

ROOT = Path(__file__).parents[2]
EMAIL = "ann@example.test"
PASSWORD = "correct horse battery staple"
SERVER_ENV = {
    "ELASTICDASH_INIT_USER_EMAIL": EMAIL,
    "ELASTICDASH_INIT_USER_PASSWORD": PASSWORD,
    "ELASTICDASH_INIT_PROJECT_NAME": "support-bot",
    "ELASTICDASH_INIT_ORG_NAME": "Acme",
}
# The machine may be busy: conditions are waited for this long, and usually take a hundredth of it.
TIMEOUT_MS = 30_000
BUILD_TIMEOUT_SECONDS = 600
_CHROMIUM = DebianProgram("chromium", "chromium")
_WATCH = """
window.__alerts = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = (text) => { window.__alerts.push(String(text)); };
document.addEventListener("securitypolicyviolation", (event) => {
  const { violatedDirective, blockedURI, sample } = event;
  window.__violations = [...(window.__violations ?? []), `${violatedDirective} ${blockedURI} ${sample}`];
});
"""


@dataclass(slots=True)
class Watched:
    """A page, with what must stay empty: errors, requests to elsewhere, scripts of strangers, refused content."""

    page: Page
    base_url: str
    errors: list[str] = field(default_factory=list[str])
    foreign_requests: list[str] = field(default_factory=list[str])

    def open(self, path: str) -> Page:
        """Go to an address of the project."""
        self.page.goto(f"{self.base_url}/project/{PROJECT_ID}/{path}")
        return self.page

    def problems(self) -> dict[str, list[str]]:
        """Everything that went wrong, by kind; empty when nothing did."""
        found = {
            "errors": self.errors,
            "foreign requests": self.foreign_requests,
            "scripts that ran": self.page.evaluate("window.__alerts ?? []"),
            "policy violations": self.page.evaluate("window.__violations ?? []"),
        }
        return {kind: what for kind, what in found.items() if what}


def build_ui() -> None:
    """The UI as `make ui` builds it; nothing to do when it is current. Skips loudly where it can't be built."""
    with one_at_a_time.held(ROOT / ".venv" / "ui.lock"):
        run = subprocess.run(
            ["make", "--no-print-directory", "ui"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_SECONDS,
            check=False,
        )
    if not (ROOT / "services/web/src/elasticdash/web/ui/dist/index.html").exists():
        pytest.skip(f"the web UI could not be built: {run.stdout[-500:]}{run.stderr[-500:]}")


@contextmanager
def opened_browser() -> Generator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        # Containers run as root, where Chromium's own sandbox can't.
        browser = playwright.chromium.launch(
            executable_path=origin.program(_CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def watched_page(context: BrowserContext, server: RunningServer) -> Watched:
    """A new page of a context under watch."""
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(_WATCH)
    watched = Watched(context.new_page(), server.url)
    own = urlsplit(server.url).netloc

    def on_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own:
            watched.foreign_requests.append(url)

    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on("request", lambda request: on_request(request.url))
    return watched


def sign_in(page: Page, server: RunningServer, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Through the form, as people do."""
    page.goto(f"{server.url}/auth/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).first.wait_for()
    page.wait_for_url("**/project/**")
