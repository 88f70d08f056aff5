"""A real browser sees what was written: a curve, a histogram, an image and the graph."""

import contextlib
import shutil

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="drives a browser with Playwright (extra browser)")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine, e.g. of Debian's package chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("tab", "what"),
    [
        ("scalars", "tf-scalar-card path.line[d*='L']"),
        ("timeseries", "scalar-card .series-view canvas"),
        ("histograms", "vz-histogram-timeseries g.histogram path.outline[d*='L']"),
        ("images", "tf-image-loader img"),
        ("graphs", "g.node title:text-is('Net')"),
    ],
)
def test_a_tab_shows_its_content(server, browser, tab, what):
    with contextlib.closing(browser.new_page(viewport={"width": 1400, "height": 1000})) as page:
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 500 else None)
        page.goto(f"{server.url}/#{tab}")
        page.locator(what).first.wait_for(state="attached", timeout=60_000)
        assert not problems
