"""The film in Chromium: played, stepped, scrubbed, edited by hand, exported, described."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from tests.toy.exact_landscape import landscape

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MODULES = "_stcore/bidi-components/mtlviz.film"


@pytest.fixture
def film(visit):
    visit.locator(".bar").wait_for()
    return visit


def step(page) -> int:
    return int(page.locator("output.step").inner_text().removeprefix("step "))


def choose(page, task: str) -> None:
    page.get_by_role("button", name=task, exact=True).click()


def wait_for_edit(page, kind: str) -> dict:
    page.locator("code", has_text=f'"kind": "{kind}"').wait_for()
    return json.loads(page.locator("code").first.inner_text())["edit"]


def drag(page, locator, dx: float, dy: float) -> None:
    box = locator.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def units_to_pixels(page) -> float:
    return page.locator(".panel canvas").first.bounding_box()["width"] / 10


def test_a_film_opens_on_its_last_step_and_plays_from_the_start(film):
    assert step(film) == 20
    film.get_by_label("Speed").select_option("0.5")
    film.get_by_role("button", name="Play", exact=True).click()
    film.wait_for_function(in_film("s => s > 0 && s < 20"))
    film.get_by_role("button", name="Pause").click()
    resting = step(film)
    film.wait_for_timeout(200)
    assert step(film) == resting
    film.get_by_role("button", name="Rewind").click()
    film.wait_for_function(in_film("s => s === 0"))


def in_film(condition: str) -> str:
    """JavaScript that tests the shown step; components live in shadow roots."""
    return (
        "() => { const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot);"
        "const output = roots.map((r) => r?.querySelector('output.step')).find(Boolean);"
        f"return ({condition})(Number(output.textContent.replace('step ', ''))); }}"
    )


def test_every_recorded_step_is_reached_by_keys_and_by_scrubbing(film):
    slider = film.get_by_label("Training step")
    slider.press("Home")
    assert step(film) == 0
    film.locator(".panel canvas").first.focus()
    film.keyboard.press("ArrowRight")
    first = step(film)
    assert first > 0
    film.keyboard.press("ArrowLeft")
    assert step(film) == 0
    film.keyboard.press("End")
    assert step(film) == 20
    slider.fill("1")
    assert step(film) == first
    film.get_by_role("button", name="To the start").click()
    assert step(film) == 0


def test_space_plays_and_pauses(film):
    film.get_by_label("Speed").select_option("0.1")
    film.locator(".panel canvas").first.focus()
    film.keyboard.press(" ")
    film.get_by_role("button", name="Pause").wait_for()
    film.keyboard.press(" ")
    film.get_by_role("button", name="Play", exact=True).wait_for()


def test_the_numbers_are_spoken_when_the_film_rests(film):
    film.get_by_role("button", name="To the start").click()
    spoken = film.locator("[aria-live=polite]").first
    expect(spoken).to_have_text(re.compile("^Step 0. Task 1 alone: Task 1 "), timeout=10_000)
    assert "% held out" in spoken.text_content()


def test_the_verdict_is_spoken_with_what_its_number_is_of(gallery):
    spoken = gallery("?verdict=1").locator("[aria-live=polite]").first
    expect(spoken).to_have_text(re.compile(r"Mean of 2 repetitions\."), timeout=20_000)


def test_a_number_of_two_digits_stays_whole(gallery):
    mark = gallery("?verdict=1").locator(".mark").first
    expect(mark).to_have_text("Task 12")


def test_the_film_follows_a_change_of_the_windows_height_alone(film):
    picture = film.locator(".panel canvas").first
    for sign, height in (("<", 500), (">", 900)):
        before = picture.bounding_box()["height"]
        film.set_viewport_size({"width": 1280, "height": height})
        smaller = f"([node, before]) => node.getBoundingClientRect().height {sign} before"
        film.wait_for_function(smaller, arg=[picture.element_handle(), before])


def test_dragging_a_cloud_reports_the_released_scene_and_keeps_nodes_and_cursor(film):
    film.get_by_role("button", name="One step back").click()
    before = step(film)
    canvas = film.locator(".panel canvas").first
    canvas.evaluate("(node) => { node.dataset.mine = 'yes'; }")
    scale = units_to_pixels(film)
    choose(film, "Task 3")
    drag(film, film.get_by_label("Task 3 cloud centre"), 1.5 * scale, -1.0 * scale)
    edit = wait_for_edit(film, "scene")
    assert edit["task"] == 2
    assert edit["scene"]["x"] == pytest.approx(0.5, abs=0.06)
    assert edit["scene"]["y"] == pytest.approx(1.5, abs=0.06)
    assert edit["scene"]["elongation"] == 3
    film.locator(".badge").first.wait_for(state="hidden")
    assert film.locator(".panel canvas[data-mine=yes]").count() == 1
    assert step(film) == before


def test_handles_move_by_a_tenth_with_the_arrow_keys_and_report_when_idle(film):
    choose(film, "Task 2")
    handle = film.get_by_label("Task 2 cloud centre")
    handle.focus()
    film.keyboard.press("ArrowRight")
    film.keyboard.press("ArrowRight")
    film.keyboard.press("Shift+ArrowDown")
    edit = wait_for_edit(film, "scene")
    assert (edit["task"], edit["scene"]["x"], edit["scene"]["y"]) == (1, 1.2, 0.5)
    # The same node is still in hand: the focus survived the answer.
    assert handle.evaluate("(node) => node === node.getRootNode().activeElement")


def test_every_press_counts_while_answers_to_earlier_ones_come_back(film):
    choose(film, "Task 2")
    film.get_by_label("Task 2 cloud centre").focus()
    for _ in range(3):
        film.keyboard.press("ArrowRight")
        film.wait_for_timeout(450)  # The press is on its way to Python, its answer not yet here.
    film.locator("code", has_text='"x": 1.3').wait_for()
    film.locator(".badge").first.wait_for(state="hidden")
    assert film.get_by_label("Task 2 cloud centre, x 1.3, y 1.0").is_visible()


def test_no_answer_older_than_the_last_deed_is_shown(film):
    """Answers name the edit that they know of; what a hand holds is not taken from it."""
    sent, shown = film.evaluate(
        f"""async () => {{
            const {{ Edits }} = await import('{module_url(film, "edits.js")}');
            const sent = [], shown = [];
            let held = false;
            const edits = new Edits({{
                send: (edit) => sent.push(edit), take: (data) => shown.push(data.name),
                held: () => held,
            }});
            const come = (name, answers) => edits.come({{ name, answers }});
            come('opening', 0);
            edits.report({{ place: 1 }});
            come('older', 0);
            edits.report({{ place: 2 }});
            come('answer to the first', sent[0].number);
            come('again of the first', sent[0].number);
            held = true;
            come('answer to the second', sent[1].number);
            held = false;
            edits.free();
            edits.free();
            held = true;
            come('while a hand works', sent[1].number);
            held = false;
            edits.report({{ place: 3 }});
            edits.free();
            come('answer to the third', sent[2].number);
            edits.destroy();
            return [sent.map((edit) => edit.place), shown];
        }}"""
    )
    assert sent == [1, 2, 3]
    assert shown == ["opening", "answer to the second", "answer to the third"]


def test_turning_the_boundary_changes_its_angle_only(film):
    drag(film, film.get_by_label("Task 1 true boundary's direction"), 0, -20)
    scene = wait_for_edit(film, "scene")["scene"]
    assert scene["angle"] > 21
    assert scene["angle"] == round(scene["angle"])  # No hand means hundredths of a degree.
    assert (scene["offset"], scene["x"], scene["rotation"]) == (0, 0, 0)


def test_a_hand_rounds_what_it_moves_and_leaves_all_else_as_a_link_gave_it(film):
    given = {"angle": 10.123, "offset": 0.001, "x": 1.2345, "y": -0.5, "spread": 0.777,
             "elongation": 2.5, "rotation": 12.34, "noise": 0.1}  # fmt: skip
    turned, stretched = film.evaluate(
        f"""async (scene) => {{
            const {{ HANDLES, tidied }} = await import('{module_url(film, "scene.js")}');
            const moved = (kind) => tidied(HANDLES[kind].moved(scene, 2.7, 2.3), scene);
            return ["turn", "axis"].map(moved);
        }}""",
        given,
    )
    assert turned == given | {"angle": 40}
    assert stretched == given | {"rotation": 62, "elongation": 3.2, "spread": 0.88}


def test_painting_and_erasing_report_a_point(film):
    film.get_by_role("button", name="Paint class B").click()
    choose(film, "Task 2")
    panel = film.locator(".overlay").nth(1)
    box = panel.bounding_box()
    panel.click(position={"x": 0.8 * box["width"], "y": 0.25 * box["height"]})
    edit = wait_for_edit(film, "paint")
    assert (edit["task"], edit["label"]) == (1, 0)
    assert (edit["x"], edit["y"]) == pytest.approx((3, 2.5), abs=0.1)
    film.locator(".badge").first.wait_for(state="hidden")
    film.get_by_role("button", name="Erase", exact=True).click()
    panel.click(position={"x": 0.8 * box["width"], "y": 0.25 * box["height"]})
    erased = wait_for_edit(film, "erase")
    assert (erased["task"], erased["point"]) == (1, 40)
    assert erased["was"] == pytest.approx([edit["x"], edit["y"]], abs=1e-5)


@pytest.mark.slow
def test_a_stroke_paints_a_row_of_points_as_one_edit(film):
    film.get_by_role("button", name="Paint class A").click()
    box = film.locator(".overlay").first.bounding_box()
    y = box["y"] + 0.25 * box["height"]
    film.mouse.move(box["x"] + 0.2 * box["width"], y)
    film.mouse.down()
    film.mouse.move(box["x"] + 0.2 * box["width"] + 60, y, steps=15)
    film.mouse.up()
    edit = wait_for_edit(film, "paint")
    assert (edit["task"], edit["label"], len(edit["points"])) == (0, 1, 6)
    assert edit["points"][0] == pytest.approx([-3, 2.5], abs=0.1)
    assert edit["points"][-1][0] > edit["points"][0][0]


@pytest.mark.slow
def test_a_point_is_painted_with_the_keyboard(film):
    film.get_by_role("button", name="Paint class A").click()
    film.locator(".panel canvas").first.focus()
    film.keyboard.press("Shift+ArrowRight")
    film.keyboard.press("ArrowUp")
    film.keyboard.press("Enter")
    edit = wait_for_edit(film, "paint")
    assert (edit["task"], edit["x"], edit["y"], edit["label"]) == (0, 0.5, 0.1, 1)


def test_the_frame_is_saved_as_a_picture(film):
    with film.expect_download() as download:
        film.get_by_role("button", name="Save this frame as PNG picture").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_less_motion_is_respected(page, gallery):
    page.emulate_media(reduced_motion="reduce")
    gallery("?autoplay=1")
    page.locator(".bar").wait_for()
    page.locator("output.step", has_text="step 20").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    seen = {step(page)}
    while 20 not in seen or len(seen) == 1:
        page.wait_for_timeout(50)
        seen.add(step(page))
    assert seen <= {0, 5, 10, 15, 20}
    assert len(seen) >= 4
    page.emulate_media(reduced_motion="no-preference")
    gallery("?autoplay=1")
    page.get_by_role("button", name="Pause").wait_for()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (700, 2), (390, 2), (340, 1)])
def test_panels_wrap_with_the_width(film, width, columns):
    film.set_viewport_size({"width": width, "height": 900})
    film.wait_for_timeout(150)
    tops = [box["y"] for box in map(box_of, film.locator(".panels").first.locator(".panel").all())]
    assert tops.count(tops[0]) == columns


def box_of(locator) -> dict:
    return locator.bounding_box()


def test_a_film_that_cannot_be_drawn_says_so(gallery):
    page = gallery("?broken=1")
    message = page.get_by_role("alert").first
    message.wait_for()
    assert "The film cannot be drawn" in message.inner_text()


@pytest.mark.slow
def test_only_one_shared_direction_has_an_exact_landscape(gallery):
    page = gallery()
    page.locator("text=Sum of the tasks").wait_for()
    page = gallery("?capacity=2")
    page.locator("text=no exact picture").wait_for()
    assert page.locator("text=Sum of the tasks").count() == 0
    page.locator("text=of the gradients' squared length").wait_for()


def test_the_browsers_landscape_is_the_exact_loss(film):
    draws = np.random.default_rng(5)
    points, labels = draws.normal(size=(60, 2)), draws.integers(0, 2, 60)
    bx, by = np.linspace(-4, 3, 7), np.linspace(-2, 5, 6)
    grid = np.stack(np.meshgrid(bx, by), -1)
    # The second head is so large that exponentials overflow unless they are handled.
    for head, constant in ((1.3, -0.4), (400.0, 2.0)):
        found = film.evaluate(
            f"""async ([x, y, label, a, c, bx, by]) => {{
                const module = await import('{module_url(film, "landscape.js")}');
                const task = {{ x, y, label }};
                const places = [bx, by].map((values) => Float64Array.from(values));
                return [...module.lossGrid(task, a, c, ...places)];
            }}""",
            [*points.T.tolist(), labels.tolist(), head, constant, bx.tolist(), by.tolist()],
        )
        wanted = landscape(points, labels, head, constant, grid)
        np.testing.assert_allclose(np.reshape(found, (6, 7)), wanted, rtol=1e-10)


def module_url(page, name: str) -> str:
    return f"{page.url.split('?')[0].rstrip('/')}/{MODULES}/{name}"


def test_the_browser_moves_points_exactly_as_python_draws_them(film):
    from mtlviz.toy.film import decoded
    from mtlviz.toy.film import film as film_of
    from mtlviz.toy.program import train

    scene = TaskScene(
        points=50, angle=25, offset=0.7, x=1, y=-1, spread=0.8, elongation=4, rotation=70, noise=0.2
    )
    task = film_of(train(ToyConfig(tasks=(scene, TaskScene()), steps=1, seeds=2)))["tasks"][0]
    found = film.evaluate(
        f"""async ([scene, z, flip]) => {{
            const module = await import('{module_url(film, "scene.js")}');
            const points = module.pointsOf(scene, z, flip);
            return [points.x, points.y, points.label].map((values) => [...values]);
        }}""",
        [task["scene"], decoded(task["z"]).ravel().tolist(), decoded(task["flip"]).tolist()],
    )
    for name, values in zip(("x", "y", "label"), found, strict=True):
        np.testing.assert_allclose(values, decoded(task[name]), atol=1e-5)


@pytest.mark.slow
def test_the_browser_computes_the_logits_of_a_hidden_layer(film):
    draws = np.random.default_rng(7)
    shared, shift, head = draws.normal(size=(2, 4)), draws.normal(size=4), draws.normal(size=(2, 4))
    bias = draws.normal(size=2)
    model = {"r": 4, "bias": bias.tolist(), "shift": shift.tolist()}
    model |= {"shared": shared.ravel().tolist(), "head": head.ravel().tolist()}
    axis = np.linspace(-5, 5, 9)
    plane = np.stack(np.meshgrid(axis, axis), -1)
    for relu in (False, True):
        found = film.evaluate(
            f"""async (model) => {{
                const module = await import('{module_url(film, "model.js")}');
                return [...module.logitGrid(model, 1, 9, -5, 5, new Float64Array(81))];
            }}""",
            model | {"relu": relu},
        )
        hidden = plane @ shared + shift
        wanted = (np.maximum(hidden, 0) if relu else hidden) @ head[1] + bias[1]
        np.testing.assert_allclose(np.reshape(found, (9, 9)), wanted, atol=1e-9)


def test_the_span_of_the_gradients_keeps_their_geometry(film):
    # Two gradients span a plane exactly, so lengths and angles survive; three in 3-D lose some.
    two = np.array([[3.0, 0, 4, 0], [0, 1, -1, 0]])
    other = two[0] - 2 * two[1]
    found = film.evaluate(span_call(film), [two.tolist(), [other.tolist()]])
    drawn = np.array([*found["gradients"], *found["others"]])
    full = np.array([*two, other])
    np.testing.assert_allclose(drawn @ drawn.T, full @ full.T, atol=1e-9)
    assert found["kept"] == pytest.approx(1)
    three = np.diag([2.0, 1.0, 0.5])
    found = film.evaluate(span_call(film), [three.tolist(), []])
    assert found["kept"] == pytest.approx(5 / 5.25)


def span_call(page) -> str:
    return (
        f"async ([gradients, others]) => (await import('{module_url(page, 'landscape.js')}'))"
        ".spanOf(gradients, others)"
    )
