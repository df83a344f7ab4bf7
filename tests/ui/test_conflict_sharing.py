"""What a teacher's link of the Conflict lab can hide, in plain names, and the lab's sentences."""

import functools
import math

import numpy as np
import pytest

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.measures.conflict_plane import space_from_gram
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_updates import picture, scene
from mtlviz.toy.arrows import OVERLAYS, ArrowsConfig
from mtlviz.toy.landscapes.trajectories import TOLD
from mtlviz.toy.landscapes.triad import triad
from mtlviz.ui.pages import entry
from mtlviz.ui.pages.conflict import endings, lessons, walk_curves, walks, words
from tests.ui.harness import charts, piece, said, widgets
from tests.ui.test_conflict_lab import opened, payloads

# A widget that each part brings; the others bring words or pictures.
WIDGETS = {
    "preset": "conflict.preset",
    "tasks": "conflict.tasks",
    "share": "conflict.reset",
    "methods": "conflict.methods",
    "match": "conflict.match",
    "order": "conflict.order",
    "landscape": "conflict.walk.landscape",
    "walk-settings": "conflict.walk.walkers",
    "walk-curves": "conflict.looking.measure",
}


def own_keys(app) -> set[str]:
    return {key for key in widgets(app) if key.startswith("conflict.")}


def content(app) -> int:
    """How many words and pictures there are."""
    return charts(app) + len(app.markdown) + len(app.expander) + len(app.info)


@functools.cache
def whole() -> tuple[frozenset[str], int]:
    """Widgets and content of the page with nothing hidden."""
    app = opened(conflict="three")
    return frozenset(widgets(app)), content(app)


# --- links that hide ---


@pytest.mark.parametrize("part", WIDGETS)
def test_a_link_hides_a_single_control(part):
    app = opened(hide=f"conflict.{part}", conflict="three")
    assert not app.warning
    assert WIDGETS[part] not in widgets(app)
    assert WIDGETS[part] in whole()[0]


def test_hiding_everything_leaves_the_arrows_alone():
    app = opened(hide=",".join(entry("conflict").hideable()), conflict="three")
    assert own_keys(app) == set()
    [drawn] = payloads(app)
    assert not drawn["slow"]
    assert not app.markdown


@pytest.mark.parametrize("part", ["orders", "variants", "evidence", "walk-ends", "gradnorm"])
def test_a_link_hides_words_and_pictures(part):
    assert content(opened(hide=f"conflict.{part}", conflict="three")) < whole()[1]


def test_the_groups_of_all_pages_hide_this_pages_controls_too():
    app = opened(hide="Data,optimisation", conflict="three")
    gone = {"conflict.preset", "conflict.tasks", "conflict.methods", "conflict.match"}
    assert not gone & widgets(app).keys()
    assert "conflict.reset" in widgets(app)


def test_a_part_that_does_not_exist_is_said_in_a_sentence():
    app = opened(hide="conflict.moon")
    assert said(app, "`hide` knows no 'conflict.moon'")


def test_clicks_add_no_start_where_the_settings_are_hidden():
    _, film = payloads(opened(hide="conflict.walk-settings"))
    assert not film["pickable"]
    assert "Click" not in film["note"]


def test_the_list_of_parts_shows_plain_names():
    app = opened()
    shown = app.multiselect(key="conflict.share.hide").options
    assert shown[5:] == list(entry("conflict").hideable().values())
    assert len(shown) > 20
    assert not any("." in name or "_" in name for name in shown[5:])


# --- the scale of weights ---


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_help_says_whether_weights_add_up_like_a_sum_or_a_mean(name):
    said = words.adds_up(name)
    if name in ("agem", "gem"):
        assert "the last task is the new one, and the others are its memory" in said
        return
    total = make_combiner(name)(np.eye(3), np.random.default_rng(0)).weights.sum()
    like = {3: "like a sum", 1: "like a mean"}.get(round(float(total), 6), f"get {total:.2g} ")
    assert like in said
    if name in ("sum", "pcgrad", "pcgrad_libmtl", "pcgrad_tensorflow", "pcgrad_all_orders"):
        assert "like a sum" in said
    if name in ("mean", "mgda", "upgrad", "dualproj", "imtl_g", "pcgrad_tseng"):
        assert "like a mean" in said


def test_the_hidden_learning_rate_is_the_ratio_of_the_longest_and_the_shortest_update():
    # At right angles the mean is half the sum, and MGDA's weights of (2, 0), (0, 1) are 1/5 and
    # 4/5: its update (0.4, 0.8) has length √0.8, the sum √5.
    config = ArrowsConfig().changed(arrows=((2.0, 0.0), (0.0, 1.0)), methods=("sum", "mgda"))
    said = words.scales(picture(config))
    assert f"**{math.sqrt(0.8 / 5):.2g}** (MGDA) and **1** (Plain sum)" in said
    assert "**2.5 times** as high" in said


def test_equal_lengths_hide_no_learning_rate():
    config = ArrowsConfig().changed(match=True)
    assert "only their **directions** differ" in words.scales(picture(config))
    alone = ArrowsConfig().changed(methods=("sum",))
    assert words.scales(picture(alone)) == ""
    calm = ArrowsConfig().changed(arrows=((1.0, 0.0), (0.0, 1.0)), methods=("sum", "pcgrad"))
    assert "no hidden learning rate" in words.scales(picture(calm))


# --- the report's gradients, space, the theorem, end points ---


def test_the_reports_preset_has_the_printed_cosine_and_signs_and_equal_lengths():
    gram = scene(ARROW_PRESETS["report"].config).gram
    found = cosines(gram)
    assert found[1, 2] == pytest.approx(0.7, abs=1e-5)
    assert found[0, 1] < 0
    assert found[0, 2] < 0
    np.testing.assert_allclose(np.diagonal(gram), 1, atol=1e-5)
    story = ARROW_PRESETS["report"].story
    assert "our" in story
    assert "no lengths" in story


def test_space_says_how_much_of_each_gradient_it_shows():
    assert "**100 %** of each" in lessons.shares(space_from_gram(np.eye(3)))
    four = np.diag([4.0, 3.0, 2.0, 1e-6])
    assert "task 1 100%, task 2 100%, task 3 100% and task 4 0%" in lessons.shares(
        space_from_gram(four)
    )


def test_more_than_two_loaded_gradients_are_drawn_in_space():
    gram = np.eye(4) - 0.2 * (1 - np.eye(4))
    app = opened(gram="_".join(":".join(map(str, row)) for row in gram))
    assert any(title.value == "In three dimensions" for title in app.subheader)
    two = opened(gram="1:-0.5_-0.5:1")
    assert not any(title.value == "In three dimensions" for title in two.subheader)


def test_the_theorems_table_counts_what_the_triad_found():
    paths = walks.kept()
    found = triad(paths, 1e-3)
    lines = walk_curves.table(paths, found).splitlines()
    assert len(lines) == 2 + len(paths.methods)
    for row, line in enumerate(lines[2:]):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1] == f"{(found.cosine[row] < 0).mean():.0%}"
        assert cells[4] == "0%"
        assert cells[6] == f"{found.better[row].mean():.0%}"


def test_the_theorems_sentence_says_nowhere_and_why_at_the_papers_rate():
    said = walk_curves.sentence(triad(walks.kept(), 1e-3))
    assert "hold **nowhere**" in said
    assert "(c) never does" in said
    assert "hold at" in walk_curves.sentence(triad(walks.kept(), 50.0))


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("cosine", lambda found: found.cosine),
        ("magnitude", lambda found: found.alike),
        ("bound", lambda found: np.minimum(found.asked, 3.0)),
        ("curvature", lambda found: found.bend / found.greatest),
    ],
)
def test_the_curves_of_a_walk_are_the_triads_numbers(name, of):
    shown = walk_curves.MEASURES[name][0](walks.kept(), 1e-3)
    np.testing.assert_allclose(shown, of(triad(walks.kept(), 1e-3)), atol=1e-12)
    assert set(walk_curves.MEASURES) == {"cosine", "magnitude", "bound", "curvature"}


def test_the_told_end_points_are_those_of_the_kept_walk():
    paths = walks.kept()
    for row, method in enumerate(paths.methods):
        if method.name in TOLD:
            found = paths.points[row, :, -1, 0]
            np.testing.assert_allclose(found, TOLD[method.name].here, atol=0.01)
    assert "−5.81; −7.00; −3.62" in endings.told_table()
    assert "−4.04 to −2.09; −6.43; 2.09 to 4.00" in endings.told_table()


def test_a_start_moved_by_a_billionth_can_be_typed():
    app = opened()
    app.text_input(key="conflict.walk.starts").set_value("-8.5 7.500000001").run()
    assert app.text_input(key="conflict.walk.starts").value == "-8.5 7.500000001"
    assert piece(app, "settings:conflict.walk").starts == ((-8.5, 7.500000001),)


def test_starts_that_are_no_numbers_are_said_below_their_field_and_change_nothing():
    app = opened()
    app.text_input(key="conflict.walk.starts").set_value("a b").run()
    assert said(app, "`starts` must be pairs of numbers separated by semicolons, got 'a b'.")
    assert piece(app, "settings:conflict.walk").starts == ()


def test_what_a_link_hides_on_the_toy_lab_stays_on_this_page():
    app = opened(hide="landscape,curves,map")
    assert {"conflict.walk.landscape", "conflict.looking.measure"} <= widgets(app).keys()


def test_reset_goes_back_to_the_links_arrows_then_to_the_presets_and_leaves_the_landscape():
    app = opened(arrows="1:0_-1:0.5", landscape="nash", walk="35000")
    linked = piece(app, "settings:conflict")
    app.multiselect(key="conflict.methods").set_value(["mgda"]).run()
    app.button(key="conflict.reset").click().run()
    assert piece(app, "settings:conflict") == linked
    app.button(key="conflict.reset").click().run()
    assert piece(app, "settings:conflict").arrows == ArrowsConfig().arrows
    assert piece(app, "settings:conflict.walk").landscape == "nash"
