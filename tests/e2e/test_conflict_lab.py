"""The conflict lab in Chromium: closed forms equal the engine, arrows drag, nothing overflows."""

import base64
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mtlviz.ui.component
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.combiners.combination import from_weights
from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.combiners.predictions import match_sum_norm, predicted_changes
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_updates import combination, scene, trace
from mtlviz.ui.server import MAIN_SCRIPT
from tests.engine.measures.plane_cone import dual_cone_2d

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MATH = Path(mtlviz.ui.component.__file__).with_name("frontend") / "arrows_math.js"
FOR_ANY = {
    "sum", "mean", "pcgrad", "pcgrad_libmtl", "pcgrad_tseng", "pcgrad_tensorflow",
    "pcgrad_all_orders",
}  # fmt: skip
FOR_TWO = FOR_ANY | {"upgrad", "dualproj", "mgda", "imtl_g", "nash", "cagrad", "aligned"}
SLOWEST_FRAME = 1000 / 30


@pytest.fixture
def mathematics(page):
    """`mathematics("name", ...)` calls a function of the browser's closed forms."""
    source = base64.b64encode(MATH.read_bytes()).decode()

    def call(name: str, *arguments):
        return page.evaluate(
            "async ([source, name, given]) =>"
            " (await import(`data:text/javascript;base64,${source}`))[name](...given)",
            [source, name, list(arguments)],
        )

    return call


def problems(tasks: int) -> list[np.ndarray]:
    """Arrows that agree, conflict, differ a hundredfold in length, and almost oppose each other."""
    generator = np.random.default_rng(tasks)
    found = [generator.normal(size=(tasks, 2)).round(2) for _ in range(8)]
    found.append(found[0] * np.array([[100.0], *[[1.0]] * (tasks - 1)]))
    found.append(np.array([[1.0, 0.0], [-1.0, 0.05], *[[0.3, 0.4]] * (tasks - 2)]))
    return found


@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_closed_forms_in_the_browser_equal_the_engines_combiners(mathematics, tasks):
    order = tuple(range(tasks))[::-1]
    live = FOR_TWO if tasks == 2 else FOR_ANY
    for arrows in problems(tasks):
        gram = arrows @ arrows.T
        for name in sorted(live):
            given = mathematics("weightsOf", name, arrows.tolist(), list(order))
            expected = combination(name, gram, order).weights
            np.testing.assert_allclose(given, expected, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("tasks", [2, 3])
def test_what_has_no_closed_form_says_so(mathematics, tasks):
    live = FOR_TWO if tasks == 2 else FOR_ANY
    arrows = [[1.0, 0.5], [-1.0, 1.0], [0.2, 1.0]][:tasks]
    for name in COMBINERS:
        assert mathematics("isLive", name, tasks) == (name in live)
        given = mathematics("weightsOf", name, arrows, list(range(tasks)))
        assert (given is not None) == (name in live)


def test_parallel_and_zero_arrows_wait_for_the_engine(mathematics):
    for second in ([-2.0, 0.0], [0.0, 0.0]):
        assert mathematics("weightsOf", "nash", [[1.0, 0.0], second], [0, 1]) is None
        assert mathematics("weightsOf", "pcgrad", [[1.0, 0.0], second], [0, 1]) is not None


def test_the_tables_numbers_equal_the_engines(mathematics):
    for arrows in problems(3):
        gram, weights = arrows @ arrows.T, np.array([0.5, -0.2, 1.5])
        given = (gram.tolist(), weights.tolist())
        matched = match_sum_norm(from_weights(weights), gram).weights
        for name, arguments, expected in (
            ("changesOf", (*given, 0.1), predicted_changes(gram, weights, 0.1)),
            ("updateLength", given, update_norm(gram, weights)),
            ("matched", given, matched),
        ):
            np.testing.assert_allclose(mathematics(name, *arguments), expected, rtol=1e-9)


def test_the_cone_and_the_slow_motion_equal_the_engines(mathematics):
    for arrows in problems(3):
        given, expected = mathematics("coneOf", arrows.tolist()), dual_cone_2d(arrows)
        assert (given is None) == (expected is None)
        if expected is not None:
            np.testing.assert_allclose(np.degrees(given), expected)
        config = ARROW_PRESETS["three"].config.changed(order=(2, 0, 1))
        gram = arrows @ arrows.T
        visits = mathematics("visitsOf", [2, 0, 1])
        for found, wanted in zip(
            mathematics("traceOf", gram.tolist(), visits), trace(config, gram), strict=True
        ):
            assert (found["task"], found["other"]) == (wanted.task, wanted.other)
            assert found["inner"] == pytest.approx(wanted.inner_product, abs=1e-12)
            assert found["removed"] == pytest.approx(wanted.removed, abs=1e-12)


@pytest.fixture
def lab(serve, page):
    def open_lab(query: str = ""):
        # What is tested here is what comes after the guess.
        asked = query.replace("hide=", "hide=questions,")
        hidden = "" if asked != query else "hide=questions&"
        page.goto(f"{serve(MAIN_SCRIPT)}/conflict_lab?{hidden}{asked}")
        page.locator("div.arrows table tbody tr").first.wait_for()
        return page

    return open_lab


def cells(page, row: int) -> list[str]:
    return page.locator("div.arrows table tbody tr").nth(row).locator("td").all_inner_texts()


@pytest.mark.slow
def test_dragging_a_tip_redraws_live_and_the_engine_answers_on_release(lab):
    page = lab("show=sum,fairgrad")
    page.mouse.wheel(0, 0)
    handle = page.get_by_role("button", name=re.compile("Task 2 gradient"))
    box = handle.bounding_box()
    before = cells(page, 0)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    board = page.locator("div.arrows").first
    board.evaluate("node => { node.dataset.slowest = 0; }")
    page.mouse.move(box["x"] + 90, box["y"] - 20, steps=20)
    page.wait_for_timeout(100)
    assert cells(page, 0) != before
    # FairGrad has no closed form: it waits, and says so.
    waiting = page.locator("div.arrows table tbody tr").nth(1)
    assert "stale" in waiting.get_attribute("class")
    assert "on release" in waiting.inner_text()
    slowest = float(board.get_attribute("data-slowest"))
    assert slowest < SLOWEST_FRAME
    page.mouse.up()
    page.wait_for_url(re.compile("arrows="))
    page.locator("div.arrows table tbody tr:not(.stale)").nth(1).wait_for()
    x, y = map(float, re.search(r"arrows=[^_]+_(-?[\d.]+)(?::|%3A)(-?[\d.]+)", page.url).groups())
    gram = scene(ARROW_PRESETS["conflict"].config.changed(arrows=((2.2, 0.4), (x, y)))).gram
    expected = combination("fairgrad", gram, (0, 1)).weights
    shown = [float(text.replace("−", "-")) for text in cells(page, 1)[:2]]
    np.testing.assert_allclose(shown, expected, rtol=6e-3)


def test_a_tip_is_moved_with_the_keyboard(lab):
    page = lab()
    handle = page.get_by_role("button", name=re.compile("Task 1 gradient"))
    handle.focus()
    handle.press("ArrowUp")
    handle.press("Shift+ArrowLeft")
    page.wait_for_url(re.compile(r"arrows=1\.7(?::|%3A)0\.5_"))


def test_every_press_counts_while_answers_to_earlier_ones_come_back(lab):
    page = lab()
    handle = page.get_by_role("button", name=re.compile("Task 1 gradient"))
    handle.focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(450)  # The press is on its way to Python, its answer not yet here.
    page.wait_for_url(re.compile(r"arrows=2\.2(?::|%3A)0\.8_"))
    told = handle.get_attribute("aria-label")
    assert told.startswith("Task 1 gradient, x 2.2, y 0.8,")
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name=re.compile("Task 2 gradient")).focus()  # Lets go at once.
    page.wait_for_url(re.compile(r"arrows=2\.2(?::|%3A)0\.9_"))


@pytest.mark.slow
def test_slow_motion_steps_through_pick_test_project_and_sum(lab):
    page = lab()
    text = page.locator("p.slow")
    forward = page.get_by_role("group", name="PCGrad in slow motion").get_by_role(
        "button", name="One step forward"
    )
    for told in (
        "Task 1 meets task 2: g₁ · g₂ = −1.7, below zero",
        "Project: take −1.7 ÷ 1.3 = −1.31 times g₂ away",
        "Task 2 meets task 1",
        "Project: take −1.7 ÷ 5 = −0.34 times g₁ away",
        "Add up what is left. Weights of the original gradients: 1.34, 2.31",
    ):
        forward.click()
        text.filter(has_text=told).wait_for()


@pytest.mark.slow
def test_a_click_on_the_landscape_adds_a_start(lab):
    page = lab("walk=2000&walkers=mean,cagrad")
    picture = page.locator(".stage.pick").first
    picture.scroll_into_view_if_needed()
    picture.click(position={"x": 100, "y": 100})
    page.wait_for_url(re.compile("starts="))
    page.get_by_text(re.compile("of 4|all 4 starts")).first.wait_for()


@pytest.mark.slow
def test_dragging_works_on_the_reports_three_gradients_with_all_methods(lab):
    page = lab("conflict=report&show=" + ",".join(sorted(FOR_ANY)))
    handle = page.get_by_role("button", name=re.compile("Task 1 gradient"))
    board = page.locator("div.arrows").first
    taken = int(board.get_attribute("data-taken"))
    handle.focus()
    handle.press("ArrowLeft")
    page.wait_for_url(re.compile("arrows="))
    page.wait_for_function(
        "([node, taken]) => Number(node.dataset.taken) > taken", arg=[board.element_handle(), taken]
    )


def saved(page, button, folder) -> np.ndarray:
    """The picture that a button saves, (rows, columns, 3)."""
    with page.expect_download() as download:
        button.click()
    place = folder / "picture.png"
    download.value.save_as(place)
    return np.asarray(Image.open(place).convert("RGB")).astype(int)


def has(part: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(part - wanted).max(axis=-1) < 12).any())


@pytest.mark.slow
def test_the_saved_arrows_carry_the_tasks_numbers(lab, tmp_path):
    page = lab()
    handle = page.get_by_role("button", name=re.compile("Task 1 gradient")).bounding_box()
    stage = page.locator("div.arrows .stage").first.bounding_box()
    picture = saved(page, page.locator("div.arrows .bar button", has_text="PNG").first, tmp_path)
    scale = picture.shape[1] / (stage["width"] - 2)
    x = scale * (handle["x"] - stage["x"] - 1 + handle["width"] / 2)
    y = scale * (handle["y"] - stage["y"] - 1 + handle["height"] / 2)
    # Beyond the arrow's tip only a disc has the task's colour.
    beyond = picture[round(y - 6) : round(y + 6), round(x + 7) : round(x + 11)]
    assert has(beyond, "#0072B2")
    assert has(picture[round(y - 6) : round(y + 6), round(x - 5) : round(x + 5)], "#FFFFFF")


LABELS = """
for (const name of ["fillText", "setTransform"]) {
  const own = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    // What begins a frame forgets the labels of the one before.
    if (name === "setTransform") this.labels = [];
    else {
      const size = parseFloat(this.font.split(" ").find((word) => word.endsWith("px")));
      (this.labels ??= []).push([...given.slice(0, 3), this.measureText(given[0]).width, size]);
    }
    return own.apply(this, given);
  };
}
"""


@pytest.mark.slow
@pytest.mark.parametrize("lecture", ["0", "1"])
def test_no_two_labels_lie_on_one_another(lab, page, lecture):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.add_init_script(LABELS)
    for name in ARROW_PRESETS:
        lab(f"conflict={name}&lecture={lecture}")
        page.wait_for_timeout(700)
        canvas = page.locator("div.arrows .stage canvas").first
        labels = canvas.evaluate("node => node.getContext('2d').labels")
        assert labels
        for (one, x, y, wide, size), (two, left, top, width, _) in combinations(labels, 2):
            apart = x >= left + width or left >= x + wide or abs(y - top) >= 1.3 * size
            assert apart, (name, one, two)


@pytest.mark.slow
def test_the_saved_landscape_says_which_line_is_whose(lab, tmp_path):
    page = lab()
    stage = page.locator(".stage.pick").first
    stage.scroll_into_view_if_needed()
    side = stage.bounding_box()["width"] - 2
    button = page.locator("div.arrows .bar button", has_text="PNG").nth(1)
    picture = saved(page, button, tmp_path)
    below = picture[round(side + 50) :]
    for name in ("pcgrad", "mgda", "cagrad"):
        assert has(below, method_look(name).color), name


@pytest.mark.slow
def test_a_hidden_slow_motion_is_not_there(lab):
    page = lab("hide=conflict.slow")
    assert not page.locator("p.slow").is_visible()
    assert not page.get_by_role("group", name="PCGrad in slow motion").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_the_window(lab, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    lab("conflict=crowd")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.slow
@pytest.mark.parametrize("lecture", ["0", "1"])
def test_the_arrows_stay_whole_in_a_low_window(lab, page, lecture):
    page.set_viewport_size({"width": 1280, "height": 720})
    lab(f"lecture={lecture}")
    box = page.locator("div.arrows .stage").first.bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=1)
    assert box["height"] <= 0.56 * 720


def test_without_numbers_beside_them_the_arrows_have_all_of_the_room(serve, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{serve(MAIN_SCRIPT)}/conflict_lab")
    page.get_by_role("button", name="Nobody's").click()
    page.get_by_text("What did you see?").wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].map((each) => each.shadowRoot)"
        ".some((root) => { const stage = root?.querySelector('.arrows[data-alone] .stage');"
        " const box = stage?.getBoundingClientRect();"
        " return box && box.bottom <= 720 && box.bottom > 690 && box.width === box.height; })",
    )  # fmt: skip
