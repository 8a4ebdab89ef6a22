"""The page in a real browser: what a planner does, in both languages, with nothing fetched from elsewhere."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect, sync_playwright
from pypdf import PdfReader

from benchmarks.browser import CHROMIUM, OPTIONS, of_tab, resident, run_and_read, served
from scenarios.catalogue import worlds
from tests.app.web.samples import SMALL

pytestmark = pytest.mark.slow
WAIT = 240_000
QUICK = f"place={SMALL}&replicates=8&years=4"
WORDS = {
    "en": {"step": "Run", "verdict": "weakest schools", "why": "Find out why", "files": "Prepare report"},
    "zh": {"step": "运行", "verdict": "薄弱学校", "why": "查找原因", "files": "准备报告"},
}
SCREENS = [(1280, 720), (640, 360), (768, 1024)]
"""A laptop; the same at 200 % zoom; a tablet."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium, or set YANGFENG_CHROMIUM")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("page") / "log"
    with served(log) as (site, _):
        yield site
    assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Give a tab whose requests to anywhere else are counted and go nowhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=address)
    elsewhere: list[str] = []
    context.route(lambda url: not url.startswith((address, "data:", "blob:")), lambda route: (elsewhere.append(route.request.url), route.abort()))  # fmt: skip  # noqa: E501
    tab = context.new_page()
    tab.set_default_timeout(WAIT)
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    yield tab
    context.close()
    assert elsewhere == []
    assert faults == []


def finished(page: Page) -> None:
    """Wait until nothing is being computed."""
    page.wait_for_timeout(800)
    page.wait_for_function("document.querySelector('.banner') && !document.querySelector('progress').checkVisibility()")


def run(page: Page) -> None:
    page.click("button.run")
    page.wait_for_selector("button.read")
    finished(page)


def choose(page: Page, given: Path | list[Path]) -> None:
    """Press the button that takes files in, and give it files as the browser's dialog would."""
    with page.expect_file_chooser() as chooser:
        page.click("button.upload")
    chooser.value.set_files(given)


def step(page: Page, number: int) -> None:
    page.click(f"nav.steps li:nth-child({number}) button")
    expect(page.locator(f"nav.steps li:nth-child({number}) button")).to_have_attribute("aria-current", "step")


def check(page: Page) -> None:
    """Look for horizontal scrolling at every size, and for what bars people from the page."""
    from axe_playwright_python.sync_playwright import Axe

    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, page.url)
    page.set_viewport_size({"width": 1280, "height": 720})
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious] == []


@pytest.mark.parametrize("language", WORDS)
def test_a_planners_path(page: Page, language: str, tmp_path: Path) -> None:
    words = WORDS[language]
    page.goto(f"/?lang={language}")
    page.wait_for_selector("h2")
    assert page.evaluate("document.documentElement.lang") == language
    check(page)
    page.click(f"[data-place={SMALL}]")
    page.wait_for_selector(".known")
    check(page)
    step(page, 2)
    page.select_option("[data-kind=support] >> nth=0", "cultivation")
    page.wait_for_url("**cultivation**")
    page.wait_for_timeout(300)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.locator("[id=n-practice-renewal]").fill("0.6")
    page.locator("[id=n-practice-renewal]").dispatch_event("change")
    page.select_option("[id=c-replicates]", "8")
    page.locator("[id=e-years]").fill("4")
    page.locator("[id=e-years]").dispatch_event("change")
    check(page)
    page.wait_for_url("**practice.renewal%3D0.6**years=4**")
    step(page, 4)
    step(page, 3)
    assert words["step"] in page.title()
    run(page)
    check(page)
    page.click("button.read")
    expect(page.locator(".verdicts")).to_contain_text(words["verdict"])
    check(page)
    page.click(f"text={words['why']}")
    finished(page)
    page.wait_for_selector("figure[role=img] svg")
    before = page.locator(".answer tbody").last
    assert before.count() == 1
    page.click(f"text={words['files']}")
    report = page.locator(".take .acts >> nth=0 >> button >> nth=0")
    expect(page.locator(".take .acts >> nth=0 >> button")).to_have_count(5, timeout=WAIT)
    with page.expect_download() as download:
        report.click()
    assert "html" in _kept(download.value, tmp_path)
    with page.expect_download() as download:
        page.click("text=PDF）" if language == "zh" else "text=(PDF)")
    said = PdfReader(tmp_path / _kept(download.value, tmp_path)).pages[0].extract_text()
    assert words["verdict"] in said
    command = page.locator("code.command").inner_text()
    assert command.startswith(f"yangfeng compare {SMALL} --policy ") and "cultivation" in command
    link = page.locator("code.link").inner_text()
    check(page)
    other = page.context.new_page()
    other.goto(link)
    other.wait_for_selector(".question")
    assert other.evaluate("location.search") == link[link.index("?") :]


def _kept(download: Download, folder: Path) -> str:
    path = folder / download.suggested_filename
    download.save_as(path)
    assert path.stat().st_size > 1000
    return path.name


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.goto("/?lang=en")
    page.wait_for_selector("h2")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.dataset.place === '{SMALL}'"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_selector(".known")
    page.locator("nav.steps li:nth-child(3) button").focus()
    page.keyboard.press("Space")
    page.wait_for_selector("button.run")
    page.locator("button.run").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("button.cancel")
    page.locator("button.cancel").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('progress').checkVisibility()")


@pytest.mark.parametrize("language", WORDS)
def test_groups_are_put_right_by_hand_with_the_keyboard(page: Page, language: str) -> None:
    page.goto(f"/?lang={language}")
    page.click("[data-place=lishui_2019_primary]")
    page.wait_for_selector(".known")
    page.evaluate("document.querySelector('details.hand').open = true")
    lead, member = (page.locator(f".members .school >> nth={number}") for number in (0, 1))
    lead.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#chosen-school")
    page.locator("button.take-out").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".refused")).to_be_visible()
    check(page)
    name = member.inner_text()
    member.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chosen-school")).to_contain_text(name)
    page.wait_for_function("document.activeElement.id === 'chosen-school'")
    into = page.locator(".put-into").evaluate("one => one.value")
    page.locator("button.put-there").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**move=**")
    expect(page.locator(".hand-group")).to_have_value(into)
    page.locator("button.make-lead").click()
    page.wait_for_url("**lead=**")
    expect(page.locator(".members .school >> nth=0")).to_contain_text(name)
    check(page)
    page.click("button.undo")
    page.wait_for_function("!location.search.includes('lead=')")
    page.reload()
    page.wait_for_selector(".known")
    assert "move=" in page.evaluate("location.search")
    page.click("button.restore")
    page.wait_for_function("!location.search.includes('move=')")


def test_a_school_is_chosen_on_the_map(page: Page) -> None:
    page.goto("/?lang=en")
    page.click("[data-place=yuyao_2020]")
    leads = page.locator(".map svg path[fill='#D55E00']")
    leads.last.wait_for()
    assert "/" not in page.locator(".known > .note.warning >> nth=0").inner_text()
    page.wait_for_timeout(500)
    leads.nth(leads.count() // 2).click(force=True)
    expect(page.locator("#chosen-school")).to_be_visible()
    page.wait_for_selector("fieldset.put")


def test_back_leads_to_the_step_before(page: Page) -> None:
    page.goto(f"/?lang=en&{QUICK}")
    page.wait_for_selector("button.run")
    step(page, 2)
    step(page, 4)
    for number in (2, 3):
        page.go_back()
        expect(page.locator(f"nav.steps li:nth-child({number}) button")).to_have_attribute("aria-current", "step")
    page.go_forward()
    expect(page.locator("nav.steps li:nth-child(2) button")).to_have_attribute("aria-current", "step")


def test_silly_numbers_and_equal_policies_are_told_and_lose_nothing(page: Page) -> None:
    page.goto(f"/?lang=en&place={SMALL}")
    page.wait_for_selector("button.run")
    step(page, 2)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    years = page.locator("[id=e-years]")
    before = years.input_value()
    for silly in ("0", "31", "4.7", ""):
        years.fill(silly)
        years.dispatch_event("change")
        expect(years).to_have_value(before)
    expect(page.locator(".q-notification").last).to_contain_text("from 4 to 30")
    assert page.locator("details[open]").count() > 3
    kinds = ("mode", "rotation", "support")
    first = [page.locator(f"[data-kind={kind}] >> nth=0").input_value() for kind in kinds]
    for kind, value in zip(kinds, first, strict=True):
        page.locator(f"[data-kind={kind}] >> nth=1").select_option(value)
    expect(page.locator(".same >> nth=1")).to_contain_text("The same as policy 1")
    expect(page.locator(".same >> nth=0")).to_be_hidden()
    check(page)
    page.locator("[data-kind=support] >> nth=1").select_option("cultivation")
    expect(page.locator(".same >> nth=1")).to_be_hidden()


def test_a_finished_answer_stands_again_when_the_next_is_cancelled(page: Page) -> None:
    page.goto(f"/?lang=en&{QUICK}")
    page.wait_for_selector("button.run")
    run(page)
    said = page.locator(".banner .status").inner_text()
    step(page, 2)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.locator("[id=e-years]").fill("30")
    page.locator("[id=e-years]").dispatch_event("change")
    page.select_option("[id=c-replicates]", "auto")
    page.wait_for_url("**years=30**")
    step(page, 3)
    page.click("button.run")
    page.click("button.cancel")
    expect(page.locator(".banner .status")).to_have_text(said)
    expect(page.locator(".question .warning")).to_be_visible()


def test_a_reload_finds_the_answer_again(page: Page) -> None:
    page.goto(f"/?lang=en&{QUICK}")
    page.wait_for_selector("button.run")
    run(page)
    page.click("button.read")
    sentence = page.locator(".verdicts p").first.inner_text()
    page.reload()
    expect(page.locator(".verdicts p").first).to_have_text(sentence)
    page.click("text=中文")
    expect(page.locator(".verdicts")).to_contain_text("薄弱学校")


def test_faults_of_an_upload_are_told_and_the_file_put_right(page: Page, tmp_path: Path) -> None:
    text = worlds()[SMALL].read_text(encoding="utf-8")
    hostile = text.replace('en = "Experimental Primary", zh', 'en = "<script>document.title=1</script><img src=x>", zh')
    path = tmp_path / "mine.toml"
    path.write_text(hostile.replace('setting = "urban"', 'setting = "urbane"', 1), encoding="utf-8")
    page.goto("/?lang=en")
    page.wait_for_selector("input[type=file]", state="attached")
    choose(page, path)
    expect(page.locator(".own .faults")).to_contain_text("mine.toml:")
    expect(page.locator(".faults button")).to_be_in_viewport()
    check(page)
    path.write_text(hostile, encoding="utf-8")
    choose(page, path)
    page.wait_for_selector(".known")
    assert page.locator(".faults").count() == 0
    step(page, 2)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.select_option("[id=c-replicates]", "8")
    step(page, 3)
    run(page)
    page.click("button.read")
    expect(page.locator(".answer table").last).to_be_visible()
    assert "<script>document.title=1</script><img src=x>" in page.locator(".answer").inner_text()
    assert page.evaluate("document.querySelectorAll('.answer img[src=x]').length") == 0
    assert page.title() != "1"


def test_a_county_fills_in_the_lists_and_reads_its_own_name(page: Page, tmp_path: Path) -> None:
    page.goto("/?lang=zh")
    with page.expect_download() as found:
        page.click("text=填好的示例")
    _kept(found.value, tmp_path)
    zipfile.ZipFile(tmp_path / "example.zip").extractall(tmp_path / "in")
    rosters = sorted((tmp_path / "in").glob("*.xlsx"))
    page.fill("#own-title", "测试县 <b>2025</b>")
    page.locator("#own-title").blur()
    choose(page, rosters)
    page.wait_for_selector(".known")
    expect(page.locator(".known h2")).to_have_text("测试县 <b>2025</b>（合成示例数据）")
    expect(page.locator(".known h2")).to_be_in_viewport()
    assert "roster1" not in page.locator(".known").inner_text()
    expect(page.locator("#own-title")).to_have_value("测试县 <b>2025</b>")
    check(page)


def test_a_link_that_leads_nowhere_says_so(page: Page) -> None:
    page.goto("/?lang=zh&place=yuyao_2021")
    expect(page.locator(".faults")).to_contain_text("yuyao_2020")
    check(page)


def test_memory_stays_as_it_is_however_often_one_asks(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "log") as (site, process):
        tab = browser.new_page(base_url=site)
        tab.goto(f"/?{QUICK}")

        def used(times: int) -> tuple[float, float]:
            for _ in range(times):
                run_and_read(tab)
                step(tab, 3)
            return resident(process), of_tab(tab)[1]

        (server, nodes), (server_later, nodes_later) = used(10), used(20)
        assert server_later < server + 12
        assert nodes_later < 1.5 * nodes
        tab.close()


def test_ten_people_at_once_are_all_answered_with_their_own(browser: Browser, address: str) -> None:
    contexts = [browser.new_context(base_url=address) for _ in range(10)]
    tabs = [context.new_page() for context in contexts]
    for number, tab in enumerate(tabs):
        tab.set_default_timeout(WAIT)
        tab.goto(f"/?lang=en&{QUICK}&seed={number}")
    for tab in tabs:
        tab.click("button.run")
    for tab in tabs:
        tab.wait_for_selector("button.read")
        finished(tab)
    said = []
    for number, tab in enumerate(tabs):
        tab.click("button.read")
        assert (f"--seed {number}" in tab.locator("code.command").inner_text()) == (number > 0)
        said.append(tab.locator(".answer table").first.inner_text())
    assert len(set(said)) == 10
    for context in contexts:
        context.close()
