"""Back undoes another story, preset or experiment on every page that has them."""

import re

import pytest

from mtlviz.ui.pages import PAGES
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
# Where a choice stands: its list and one of it, or a button; and its name in the address.
CHOICES = [
    ("toy_lab", "Story", "One direction for three tasks", "preset"),
    ("conflict_lab", "Preset", "", "conflict"),
    ("covariance_lab", "Story", "Four others", "cov_story"),
    ("covariance_lab?cov_view=alignment", "Story", "Turned by its labels", "align.story"),
    ("covariance_lab?cov_view=reweighting", "Story", "Wide apart", "reweigh.story"),
    ("capacity_lab", "", "Strangers", "cap_toy_story"),
    ("capacity_lab?cap_view=sharing", "Start from", "", "cap_ways_preset"),
    ("continual_lab", "Story", "", "con_story"),
    ("studio", "Experiment", "", "experiment"),
    ("sweep", "Start from", "", "sweep_preset"),
]
ASIDE = {"story"}  # The regression's own choice, which opens with a story of the Toy lab.


def test_every_choice_of_settings_to_start_from_is_tried():
    parts = [part for page in PAGES for part in page.parts() if part.presets]
    named = {part.preset_parameter for part in parts}
    assert named - ASIDE == {parameter for *_, parameter in CHOICES}


@pytest.mark.parametrize(("path", "label", "name", "parameter"), CHOICES)
def test_back_undoes_it(serve, page, path, label, name, parameter):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{serve(MAIN_SCRIPT)}/{path}")
    page.locator(".stMain :is(button, input):visible").first.wait_for()
    page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
    before = {"query": page.evaluate("location.search"), "shown": None}
    if label:
        chosen = page.get_by_role("combobox", name=label, exact=True)
        before["shown"] = chosen.input_value()
        chosen.click()
        options = page.get_by_role("option")
        (options.filter(has_text=name) if name else options.nth(1)).first.click()
    else:
        page.get_by_role("button", name=name, exact=True).click()
    told = f"new URLSearchParams(location.search).has('{parameter}')"
    page.wait_for_function(told)
    page.wait_for_timeout(2000)  # What is undone sooner is an address that was late.
    page.go_back()
    page.wait_for_function(f"!{told}")
    if label:
        page.wait_for_function(
            "([node, value]) => node.value === value",
            arg=[chosen.element_handle(), before["shown"]],
        )
    page.wait_for_timeout(1500)  # The address is not written anew with what was undone.
    assert not re.search(rf"[?&]{parameter}=", page.url)
