"""Files in traces: pictures are shown, sound is played, all else is saved and never opened."""

import pytest
from playwright.sync_api import Browser, Page, expect

from support import browser as browsers
from support import ui_media
from support.browser import Watched
from support.server import RunningServer, get_json, read_until

_HOSTILE = "hostile media"


def _file(page: Page, content_type: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Save file ({content_type}").first.click()
    return download.value.path().read_bytes()


def test_pictures_are_shown_sound_is_played_and_the_rest_is_saved(watched: Watched):
    page = watched.open(f"traces/{ui_media.TRACE_ID}")
    picture = page.get_by_role("article", name="Trace").get_by_role("img", name="image/png")
    expect(picture).to_have_js_property("naturalWidth", 48)
    sound = page.locator("audio")
    expect(sound).to_have_js_property("duration", 0.5)
    sound.evaluate("sound => sound.play()")
    expect(sound).to_have_js_property("ended", True)

    assert _file(page, "image/png") == ui_media.picture()
    assert _file(page, "text/html") == ui_media.PAGE
    expect(page.get_by_text("image/png: Media asset not found")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.fixture(scope="module")
def hostile(server: RunningServer) -> str:
    """A shared trace whose files say they are what they are not, and whose references lead astray."""
    kinds = {
        "image/svg+xml": ui_media.DRAWING,
        "text/html": ui_media.PAGE + b" again",
        "image/png": b"<html><script>alert('as a picture')</script></html>",
        "audio/wav": b"<html><script>alert('as a sound')</script></html>",
    }
    astray = [
        "@@@langfuseMedia:type=<img src=x onerror=alert(20)>|id=../../../session|source=bytes@@@",
        "@@@langfuseMedia:type=image/png|id=https://evil.test/a.png|source=bytes@@@",
        "@@@langfuseMedia:type=<img src=x onerror=alert(21)>|id=unknown|source=bytes@@@",
    ]
    with server.client() as client:
        references = [ui_media.upload(client, _HOSTILE, kind, data) for kind, data in kinds.items()]
        said = " ".join([*references, *astray])
        body = {"id": _HOSTILE, "timestamp": "2025-01-01T00:00:00Z", "public": True, "input": said, "output": [said]}
        event = {"id": _HOSTILE, "timestamp": "2025-01-01T00:00:00Z", "type": "trace-create", "body": body}
        assert client.post("/api/public/ingestion", json={"batch": [event]}).json()["errors"] == []
        read_until(lambda: get_json(client, f"/traces/{_HOSTILE}").get("output"), bool)
    return _HOSTILE


def test_hostile_files_are_neither_run_nor_opened(watched: Watched, hostile: str):
    page = watched.open(f"traces/{hostile}")
    shown = page.get_by_role("region", name="Input")
    expect(shown.get_by_text("The browser can’t show this picture.")).to_be_visible()
    # The output names the same file: the browser loads it for one place at a time, and waits long before the second.
    expect(page.get_by_text("The browser can’t show this sound.").first).to_be_visible()
    expect(shown.get_by_text("id=../../../session")).to_be_visible()
    expect(shown.get_by_text("<img src=x onerror=alert(21)>: Media asset not found")).to_be_visible()

    assert _file(page, "image/svg+xml") == ui_media.DRAWING
    assert shown.get_by_role("img").count() == 0
    assert watched.problems() == {}


def test_a_shared_trace_shows_its_files_to_who_is_not_signed_in(browser: Browser, server: RunningServer, hostile: str):
    context = browser.new_context()
    watched = browsers.watched_page(context, server)
    watched.page.goto(f"{server.url}/public/project-under-test/traces/{hostile}")
    shown = watched.page.get_by_role("region", name="Input")
    expect(shown.get_by_role("link", name="Save file (text/html")).to_be_visible()
    expect(shown.get_by_text("The browser can’t show this picture.")).to_be_visible()

    assert watched.problems() == {}
    context.close()
