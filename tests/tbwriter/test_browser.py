"""A real browser opens every tab and sees what was written."""

import contextlib
import shutil

import pytest

pytestmark = pytest.mark.browser

# By tab: what stands in the page once its content has arrived.
CONTENT = {
    "timeseries": "scalar-card .series-view canvas",
    "scalars": "tf-scalar-card path.line[d*='L']",
    "images": "tf-image-loader img",
    "audio": "tf-audio-loader audio[src*='individualAudio']",
    "graphs": "g.node title:text-is('Net')",
    "distributions": "vz-distribution-chart path.area[d*='L']",
    "histograms": "vz-histogram-timeseries g.histogram path.outline[d*='L']",
    "text": "tf-text-loader h1:text-is('Title')",
    "pr_curves": "tf-pr-curve-card path.line[d*='L']",
    "mesh": "tf-mesh-loader canvas",
    "hparams": "vaadin-grid-cell-content:has-text('trial/hparams_2')",
    "custom_scalars": "tf-custom-scalar-multi-line-chart-card path.line[d*='L']",
}


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="drives a browser with Playwright (extra browser)")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine, e.g. of Debian's package chromium")
    with playwright.sync_playwright() as play:
        options = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        browser = play.chromium.launch(executable_path=chromium, args=options)  # the last ones: WebGL without a GPU
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(server, browser, tab):
    """A new page for each tab: one that changes its tab keeps the old one's content. It must cause no error."""
    with contextlib.closing(browser.new_page(viewport={"width": 1400, "height": 1000})) as page:
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 500 else None)
        page.goto(f"{server.url}/#{tab}")
        yield page
        assert not problems


@pytest.mark.parametrize("tab", CONTENT)
def test_a_tab_shows_its_content(server, browser, tab):
    with opened(server, browser, tab) as page:
        page.locator(CONTENT[tab]).first.wait_for(state="attached", timeout=60_000)


def test_the_projector_shows_the_points(server, browser):
    with opened(server, browser, "projector") as page:
        projector = page.frame_locator("iframe").frame_locator("iframe")
        for text in "2 tensors found", "Points: 9", "Dimension: 4":
            projector.get_by_text(text).first.wait_for(state="attached", timeout=60_000)
