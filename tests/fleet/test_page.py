"""The page in a real browser: what people see, and that names of peers stay text.

It needs Chromium and its driver: `apt-get install chromium chromium-driver`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.fleet.conftest import MakeFleet, serving, until
from tests.fleet.yard import NEW, OLD
from vobj.fleet import Fleet, web
from vobj.version import Manifest

HOSTILE = "<img src=x onerror=document.title='owned'>"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,2200", "--lang=en",
)  # fmt: skip


def installed(*names: str) -> str:
    """The path of a program; without it the test is skipped, or fails when services are needed."""
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    text = f"No {' or '.join(names)} is installed: apt-get install chromium chromium-driver"
    if os.environ.get("VOBJ_REQUIRE_SERVICES") == "1":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = installed("chromium", "chromium-browser", "google-chrome")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(installed("chromedriver")))
    yield made
    made.quit()


class Site:
    """A server whose document can be made to fail."""

    def __init__(self, fleet: Fleet) -> None:
        page, document = web.routes(fleet, seconds=1e-9)
        self.away = False
        self.address = ""

        async def told(request: Any) -> Any:
            if self.away:
                return JSONResponse({"error": {"rule": "fleet/away", "message": "It rains"}}, 503)
            return await document.endpoint(request)

        self.app = Starlette(routes=[page, Route("/fleet.json", told)])


@pytest.fixture
def site(fleet: Fleet) -> Iterator[Site]:
    made = Site(fleet)
    with serving(made.app) as address:
        made.address = address
        yield made


@pytest.fixture
def look(browser: webdriver.Chrome, site: Site) -> Callable[[], Page]:
    """Opens the page, and waits until it has read the document."""

    def look() -> Page:
        browser.get(site.address)
        page = Page(browser)
        until(lambda: page.text("updated") == "up to date")
        return page

    return look


class Page:
    """What can be seen on the page."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def text(self, name: str) -> str:
        return str(self.browser.find_element(By.ID, name).text)

    def rows(self, table: str) -> list[list[str]]:
        found = self.browser.find_elements(By.CSS_SELECTOR, f"#{table} tbody tr")
        return [[one.text for one in row.find_elements(By.TAG_NAME, "td")] for row in found]

    def tiles(self) -> dict[str, str]:
        found = self.browser.find_elements(By.CSS_SELECTOR, "#tiles .tile")
        return {
            one.find_element(By.TAG_NAME, "dt").text: one.find_element(By.TAG_NAME, "dd").text
            for one in found
        }

    def now(self) -> None:
        """Read the document again, without waiting for the next poll."""
        self.browser.execute_async_script("read().then(arguments[0])")


@pytest.fixture
def upgrading(fleet: Fleet) -> Fleet:
    """Six services in the middle of an upgrade, and one whose names are meant to hurt."""
    for number in range(5):
        fleet.announce("dock", NEW, host=f"n{number}", release="2026.2")
    fleet.announce("dock", OLD, host="n5", release="2026.1")
    fleet.announce(HOSTILE, OLD | {HOSTILE: "1.0"}, host=HOSTILE, release=HOSTILE)
    fleet.backports.backported({
        (("dock", "n5"), "YardDock", "1.4", "1.2"): 1200,
        ((HOSTILE, HOSTILE), HOSTILE, "1.1", "1.0"): 1,
    })  # fmt: skip
    return fleet


def test_what_is_seen_at_a_glance(upgrading: Fleet, look: Callable[[], Page]) -> None:
    """Who is there, what is held back and by whom, and who asks for old versions."""
    page = look()
    assert page.browser.title == "Fleet"
    tiles = page.tiles()
    assert tiles == {
        "Live services": "7", "Silent": "0", "Objects held back": "2", "Backports": "1,201",
        "Pin": "auto",
    }  # fmt: skip
    held = {row[0]: row[1:] for row in page.rows("held")}
    assert set(held) == {"YardCrane", "YardDock"}
    sent, newest, spread, holders = held["YardDock"]
    assert (sent, newest) == ("1.2", "1.4")
    assert "1.4: 5" in spread
    assert "1.2: 2" in spread
    assert "dock 2026.1 reads 1.2 on n5" in holders
    assert ["dock on n5", "YardDock", "1.4 → 1.2", "1,200"] in [
        row[:4] for row in page.rows("asked")
    ]
    services = page.rows("services")
    assert len(services) == 7
    assert ["dock", "n5", "2026.1", "live"] in [row[:4] for row in services]


def test_names_of_peers_stay_text(upgrading: Fleet, look: Callable[[], Page]) -> None:
    """A name that is HTML is shown as it is written; nothing of it runs and nothing complains."""
    page = look()
    assert [HOSTILE] * 3 in [row[:3] for row in page.rows("services")]
    Select(page.browser.find_element(By.ID, "object")).select_by_value(HOSTILE)
    assert page.text("chart-key") == "1.0: 1 now"
    assert page.browser.title == "Fleet"
    assert page.browser.find_elements(By.TAG_NAME, "img") == []
    assert page.browser.get_log("browser") == []


def test_it_follows_the_fleet(upgrading: Fleet, look: Callable[[], Page]) -> None:
    """Without being loaded again the page shows what has changed, and keeps what was chosen."""
    page = look()
    page.browser.find_element(By.ID, "filter").send_keys("n9")
    Select(page.browser.find_element(By.ID, "object")).select_by_value("YardDock")
    assert page.rows("services") == []
    upgrading.announce("dock", NEW | {"YardDock": "1.3"}, host="n9")
    page.now()
    assert [row[1] for row in page.rows("services")] == ["n9"]
    assert page.text("services-text") == "1 of 8"
    assert page.text("chart-key").split("\n") == ["1.4: 5 now", "1.3: 1 now", "1.2: 2 now"]


def test_nothing_is_held_back(fleet: Fleet, look: Callable[[], Page]) -> None:
    """A fleet of one release says so, and lists its objects."""
    fleet.announce("dock", NEW, host="n1")
    page = look()
    assert page.text("pin-text").startswith("Nothing is held back")
    assert not page.browser.find_element(By.ID, "held").is_displayed()
    page.browser.find_element(By.ID, "free-summary").click()
    assert [row[:2] for row in page.rows("free")] == [["YardCrane", "1.2"], ["YardDock", "1.4"]]


def test_an_empty_fleet(fleet: Fleet, look: Callable[[], Page]) -> None:
    page = look()
    assert page.text("pin-text") == "No live service has announced what it reads."
    assert page.tiles()["Pin"] == "none"
    assert "fleet/empty" in page.text("notes")
    assert page.text("chart") == "Nothing has been recorded yet."


def test_the_record_goes_away(upgrading: Fleet, look: Callable[[], Page], site: Site) -> None:
    """What was read stays on the page under a note that says why it is old."""
    page = look()
    site.away = True
    page.now()
    assert page.text("away") == "No news; this is what was last read. It rains"
    assert len(page.rows("services")) == 7
    site.away = False
    page.now()
    assert not page.browser.find_element(By.ID, "away").is_displayed()


def test_two_manifests_of_one_service(fleet: Fleet, look: Callable[[], Page]) -> None:
    fleet.announce("dock", NEW, host="n1", release="2")
    fleet.announce("dock", OLD, host="n1", release="1")
    page = look()
    assert "dock on n1 is announced more than once, with different manifests (1, 2)" in page.text(
        "notes"
    )
    assert all(row[3].endswith("conflict") for row in page.rows("services"))


def test_versions_over_time(make_fleet: MakeFleet, fleet: Fleet, look: Callable[[], Page]) -> None:
    """The chart and its table tell how many services read which version when."""
    fleet.announce("dock", NEW, host="n1")
    fleet.announce("dock", OLD, host="n2")
    now, _ = fleet._ledger.groups()
    hour = 3600 * 10**6
    for hours, new, old in ((30, 0, 3), (20, 1, 2)):
        counts = {NEW.fingerprint: new, OLD.fingerprint: old}
        fleet._ledger.add_sample(now - hours * hour, json.dumps(counts))
    page = look()
    Select(page.browser.find_element(By.ID, "object")).select_by_value("YardDock")
    chart = page.browser.find_element(By.CSS_SELECTOR, "#chart svg")
    label = chart.get_attribute("aria-label")
    assert label == "YardDock over time. Now: 1 service at 1.4, 1 service at 1.2"
    assert len(chart.find_elements(By.TAG_NAME, "polygon")) == 2
    page.browser.find_element(By.CSS_SELECTOR, "#chart-details summary").click()
    assert [row[1:] for row in page.rows("chart-table")][-2:] == [["1", "2"], ["0", "3"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(upgrading: Fleet, look: Callable[[], Page], scheme: str) -> None:
    """In either scheme text stands out from its ground by at least 4.5 to 1."""
    page = look()
    page.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    found = page.browser.execute_script(CONTRASTS)
    assert len(found) > 40
    assert [one for one in found if one["ratio"] < 4.5] == []


def test_it_can_be_used_without_a_mouse(upgrading: Fleet, look: Callable[[], Page]) -> None:
    """Every control has a name, every table a caption, and no heading is skipped."""
    page = look()
    script = """
      const named = (one) => one.getAttribute("aria-label") || one.labels?.length
        || document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;
      return {
        controls: [...document.querySelectorAll("input, select, [role=region], [role=img]")]
          .filter((one) => !named(one)).map((one) => one.outerHTML),
        tables: [...document.querySelectorAll("table")].filter((one) => !one.caption).length,
        headings: [...document.querySelectorAll("h1, h2, h3")].map((one) => one.tagName),
        language: document.documentElement.lang,
      };
    """
    found = page.browser.execute_script(script)
    assert found == {
        "controls": [], "tables": 0, "headings": ["H1", "H2", "H2", "H2", "H2"], "language": "en",
    }  # fmt: skip


def test_a_large_fleet(fleet: Fleet, look: Callable[[], Page]) -> None:
    """Of a thousand services some are shown, and the filter finds the others."""
    many = Manifest({f"Object{number}": "1.0" for number in range(2000)})
    fleet.announce("big", many, host="one")
    for number in range(400):
        fleet.announce("dock", NEW, host=f"n{number:03}")
    page = look()
    assert page.text("services-text") == "401 of 401, the first 300 are shown"
    page.browser.find_element(By.ID, "filter").send_keys("n399")
    assert [row[1] for row in page.rows("services")] == ["n399"]


CONTRASTS = """
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => one / 255)
      .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest("svg, caption, select"))
    .filter((one) => [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((one) => {
      const pair = [light(rgb(getComputedStyle(one).color)), light(ground(one))];
      const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      return { text: one.textContent.slice(0, 30), ratio };
    });
"""
