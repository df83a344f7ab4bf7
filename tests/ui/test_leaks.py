"""With answers hidden nothing on any page that asks gives them away, before the guess and after.

Whatever reaches the browser is looked through: texts, help, titles, figures with their alternative
texts and notes, files to take home, the link that Share offers. `PLANTED` shows that it would be
found.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from mtlviz.engine.config import Budget
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.presets import PRESETS as EXPERIMENTS
from mtlviz.engine.presets import preset
from mtlviz.lessons.catalogue import built_in
from mtlviz.lessons.lesson import Lesson
from mtlviz.questions import Question
from mtlviz.runs.examples import open_example
from mtlviz.runs.single_task import single_task_run
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.continual.stories import STORIES as CONTINUAL
from mtlviz.toy.presets import PRESETS
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess
from mtlviz.ui.core.family_question import Asked
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages import PAGES, entry
from mtlviz.ui.pages.capacity.settings import STORIES as CAPACITY
from mtlviz.ui.pages.capacity.words import way_name
from mtlviz.ui.pages.covariance import panels
from mtlviz.ui.pages.covariance.settings import COVARIANCE_STORIES, REWEIGHING_STORIES, STORIES
from mtlviz.ui.pages.lessons import panels as lessons
from mtlviz.ui.pages.studio import run_list
from tests.runs.compare_runs import begin_default, finish, finished_default, settings, stored
from tests.ui import harness
from tests.ui.harness import widget
from tests.ui.test_capacity_lab import affinity_runs, family_runs, width_study
from tests.ui.test_ways_of_sharing import study as ways_study

ASKED = {"guess:skip_all": False}
_FOLDER = Path(guess.__file__).parents[1] / "pages"
_VERDICT = re.compile(
    r"\bhurts\b|\bhelps\b|together (?:helped|hurt|left|changed)|cannot be told|exactly as it was|"
    r"\d\.\d{3} ±|[+−]\d+(?:\.\d+)? (?:points|% error)|in conflict: tasks|most alike, by|"
    r"train together: \*\*",
    re.IGNORECASE,
)
# Said of any data: what a mark, a colour, a setting or a method means.
_GENERAL = re.compile(
    r"see who is hurt|whom training together helps and whom it hurts|helps nobody|Who helps\?|"
    r"surgery (?:helps|hurts)|▲ blue sharing helps, ▼ vermillion it hurts, grey "
    r"cannot be told apart|Shaded: updates that help every task|Blue: it falls, which helps|"
    r"Below zero the source helps, above it hurts|a step for \$i\$ helps \$j\$",
    re.IGNORECASE,
)


# A list to choose from, and every picture of ways, names them all alike.
_NAMES = {way_name(way) for way in SHARING}


@dataclass(frozen=True)
class Case:
    """A page that asks, as a link opens it."""

    page: str
    query: dict[str, str] = field(default_factory=dict)
    before: Callable[[Any], object] = lambda store: None

    def __str__(self) -> str:
        return " ".join([self.page, *self.query.values()])


_CHOICES = re.compile(r"guess\.(?:text\.)?(?:guess|saw)\.")
SMALL = {"con_seeds": "3", "con_steps": "20", "con_points": "30"}
CASES = [
    Case("start"),
    *(Case("toy", {"preset": name}) for name in PRESETS),
    Case("toy", {"story": "regression"}),
    *(Case("conflict", {"conflict": name}) for name in ARROW_PRESETS),
    *(Case("covariance", {"cov_story": name}) for name in COVARIANCE_STORIES),
    Case("covariance", {"cov_around": "mean"}),
    Case("covariance", {"cov_tasks": "built-in/reviews,built-in/topics,built-in/letters"}),
    *(Case("covariance", {"cov_view": "alignment", "align.story": name}) for name in STORIES),
    *(Case("covariance", {"cov_view": "reweighting", "reweigh.story": name})
      for name in REWEIGHING_STORIES),
    *(Case("capacity", {"cap_toy_story": name}) for name in CAPACITY),
    Case("capacity", {"cap_measured": "text", "cap_study": "1"}, width_study),
    Case("capacity", {"cap_view": "affinity"}, affinity_runs),
    Case("capacity", {"cap_view": "affinity", "cap_run": "1"}, family_runs),
    Case("capacity", {"cap_view": "affinity", "cap_run": "1"},
         lambda store: open_example(store, "families")),
    Case("capacity", {"cap_view": "sharing"}, ways_study),
    Case("capacity", {"cap_view": "sharing", "cap_ways": "1"},
         lambda store: open_example(store, "sharing")),
    *(Case("continual", {"con_story": name, **SMALL}) for name in CONTINUAL),
]  # fmt: skip
LESSONS = [
    Case(step.page, {"lesson": name, "lesson_step": str(number)})
    for name, lesson in built_in().items()
    for number, step in enumerate(lesson.steps, 1)
    if step.question
]


@pytest.fixture
def seen(store, monkeypatch):
    """What was asked and offered as a file, beside what the page itself holds."""
    monkeypatch.setattr(panels, "warm_helper", lambda home: None)
    found = SimpleNamespace(store=store, question=None, questions=[], files=[], said=())
    ask, download = guess.ask, st.download_button

    def asked(question: Question, *given: Any, **more: Any) -> None:
        found.question = question
        found.questions.append(question)
        ask(question, *given, **more)

    def offered(label: str, data: Any, *given: Any, **more: Any) -> bool:
        made = data() if callable(data) else data
        found.files.append(made if isinstance(made, str) else bytes(made).decode("utf-8", "ignore"))
        return download(label, data, *given, **more)

    monkeypatch.setattr(guess, "ask", asked)
    monkeypatch.setattr(st, "download_button", offered)
    return found


def opened(case: Case, seen: SimpleNamespace) -> AppTest:
    case.before(seen.store)
    query = {name.replace(".", "__"): value for name, value in case.query.items()}
    path = entry(case.page).path
    return harness.opened(path, ASKED, hide="answers", **query)


def texts(value: Any) -> Iterator[str]:
    """Every text within what an element was sent, whatever it is called there."""
    if isinstance(value, dict):
        value = [each for name, each in value.items() if name != "bdata"]
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        try:
            inner = json.loads(value) if value.startswith(("{", "[")) else None
        except ValueError:
            inner = None
        yield from texts(inner) if inner else (value,)


def sent(app: AppTest) -> list[str]:
    """All texts that reached the browser, but for the buttons with the answers to choose from."""
    found = []
    for element in app._tree:
        key = getattr(element, "key", None) or ""
        if getattr(element, "proto", None) is not None and not _CHOICES.match(key):
            found += texts(MessageToDict(element.proto))
    return found


def leaks(app: AppTest, seen: SimpleNamespace, query: dict[str, str]) -> list[str]:
    """What gives the answer away, before it was told."""
    question: Question = seen.question
    shown = [*sent(app), *seen.files]
    plain = re.sub(r"^You expect: \*.*$", "", "\n".join(shown), flags=re.MULTILINE)
    for line in (*(each.text for each in seen.questions), question.text, *seen.said):
        plain = plain.replace(line.strip(), "")
    plain = _GENERAL.sub("", plain)
    found = [plain[max(0, each.start() - 40) : each.end() + 40]
             for each in _VERDICT.finditer(plain)]  # fmt: skip
    secrets = [*re.split(r"(?<=[.:;]) ", question.mechanism), *(a.reason for a in question.answers)]
    secrets += [
        answer.text
        for answer in question.answers
        if answer.text not in question.text and answer.text not in _NAMES
    ]
    found += [each for each in secrets if len(each) > 8 and each in plain]
    allowed = {*query, "hide", "lesson", "lesson_step"}
    for line in shown:
        if line.startswith("http") and "?" in line:
            asked = {name for name, _ in parse_qsl(urlsplit(line).query, keep_blank_values=True)}
            found += [f"link: {name}" for name in asked - allowed]
    return found


def pictures(app: AppTest) -> list[str]:
    """Pictures of what only training or measuring finds: all but a start and bare arrows."""
    bare = []
    for element in app.get("bidi_component"):
        name, data = element.proto.component_name, json.loads(element.proto.json)
        first = name == "mtlviz.film" and list(data["payload"]["steps"]) == [0]
        arrows = name == "mtlviz.arrows" and data.get("bare") and not data["methods"]
        if not (first or arrows):
            bare.append(f"{name} {element.proto.id}")
    return bare


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_gives_an_answer_away_before_it_is_told(case, seen):
    app = opened(case, seen)
    question = seen.question
    assert question.text in harness.text(app)
    assert not harness.points_back(question)
    assert not pictures(app)
    assert not leaks(app, seen, case.query)
    widget(app, "guess.guess.0").click().run()
    assert not app.exception, app.exception
    assert app.get("bidi_component")
    assert not leaks(app, seen, case.query)
    widget(app, "guess.saw.0").click().run()
    told = harness.text(app)
    assert seen.question.answers[0].reason in told
    assert ("**Right.**" if seen.question.right == 0 else "**Not so.**") in told


@pytest.mark.slow
@pytest.mark.parametrize("case", LESSONS, ids=str)
def test_a_lesson_gives_nothing_away_before_the_guess(case, seen):
    app = opened(case, seen)
    step = built_in()[case.query["lesson"]].steps[int(case.query["lesson_step"]) - 1]
    assert step.question in harness.text(app)
    seen.question, seen.said = step.asked("lesson"), (step.title, step.text, step.do)
    assert not leaks(app, seen, dict.fromkeys(step.settings, "") | case.query)
    assert step.reveal not in "\n".join(sent(app))


def told_by(lesson: Lesson) -> list[str]:
    """What of a lesson's words gives an answer away."""
    words = [
        each
        for step in lesson.steps
        for each in (step.reveal, step.explanation, step.notes, *(o.why for o in step.options))
    ]
    return [" ".join(each.split()) for each in (lesson.misconception, *words) if len(each) > 8]


@pytest.mark.parametrize("hide", ["answers", ""])
def test_the_page_of_lessons_tells_no_answers_where_they_are_hidden(hide, seen, monkeypatch):
    monkeypatch.setattr(lessons, "lesson_file", lambda *_: "a file with all answers")
    unfolded = {fold_key(f"lessons.{panel}"): True for panel in ("teacher", "own")}
    app = harness.opened("lessons", unfolded, **({"hide": hide} if hide else {}))
    for name, lesson in built_in().items() if hide else [*built_in().items()][:1]:
        widget(app, "lessons.notes_of").set_value(name).run()
        shown = " ".join("\n".join([*sent(app), *seen.files]).split())
        assert lesson.title in shown
        assert any(each in shown for each in told_by(lesson)) != bool(hide)
        assert ("a file with all answers" in shown) != bool(hide)
    labels = {each.label for each in app.get("download_button")}
    assert "Hand-out to print" in labels
    assert ("The same with the answers" in labels) != bool(hide)


def finished_runs(name: str = "default") -> Callable[[Any], object]:
    """Runs 1 to 3 of a preset's tasks, and each alone: the first gains, the last pays."""

    def before(store: Any) -> None:
        found = preset(name).data.tasks
        names = [task.name for task in (found if len(found) > 1 else preset("default").data.tasks)]
        small = {"optimisation__max_updates": 6, "probes__evaluate_every": 3}
        every = [settings(seed, tasks=names, **small) for seed in range(3)]
        tasks = len(names)
        for config in every:
            gain = [0.1, *[0.0] * (tasks - 2), -0.1]
            stored(store, config, [0.7 + by + config.seed / 1000 * (by != 0) for by in gain])
        for config in every:
            for task in range(tasks):
                stored(store, single_task_run(config, task, Budget(6, 2, 2)), (0.7,))

    return before


def begun_runs(store: Any) -> None:
    """The experiment of Start, with its first run and one of its tasks alone finished."""
    for number in begin_default(store)[:3]:
        finish(store, number)


ONE_RUN = {"run": "1", "runs": "1-3"}
RUNS = [
    Case("start", {}, finished_default),
    *(Case(page, ONE_RUN, finished_runs()) for page in ("studio", "run", "compare")),
    *(pytest.param(Case("studio", {"experiment": name} | ONE_RUN, finished_runs(name)),
                   marks=pytest.mark.slow)
      for name in EXPERIMENTS if name != "default"),
]  # fmt: skip
UNDER_WAY = [Case(page, {}, begun_runs) for page in ("start", "studio")]
UNDER_WAY.append(Case("run", {"run": "1"}, begun_runs))
_PICTURES = ("mtlviz.chart", "mtlviz.stepper")


def drawn(app: AppTest) -> list[str]:
    """Pictures of what runs have recorded: all but the one of when each task is to train."""
    found = [element.proto for element in app.get("bidi_component")]
    return [
        each.id for each in found
        if each.component_name in _PICTURES and not each.id.endswith("studio.phases.strip")
    ]  # fmt: skip


def pressed(app: AppTest, place: int) -> None:
    keys = harness.widgets(app)
    key = f"guess.text.guess.{place}"
    widget(app, key if key in keys else f"guess.guess.{place}").click().run()


@pytest.mark.parametrize("case", RUNS, ids=str)
def test_nothing_on_a_page_of_runs_gives_their_outcome_away(case, seen):
    app = opened(case, seen)
    assert seen.question.text in harness.text(app)
    assert not drawn(app)
    assert not leaks(app, seen, case.query)
    pressed(app, 0)
    told = harness.text(app)
    assert seen.question.answers[0].reason in told
    assert ("**Right.**" if seen.question.right == 0 else "**Not so.**") in told


@pytest.mark.parametrize("case", UNDER_WAY, ids=str)
def test_runs_under_way_tell_nothing_before_they_are_done(case, seen):
    app = opened(case, seen)
    assert not drawn(app)
    assert not leaks(app, seen, case.query)
    pressed(app, 0)
    assert "It is told when the runs are done." in harness.text(app)
    assert not leaks(app, seen, case.query)


@pytest.mark.parametrize("case", RUNS[:4], ids=str)
def test_a_page_of_runs_that_covers_nothing_is_found(case, seen, monkeypatch):
    monkeypatch.setattr(guess, "covers", lambda what: False)
    app = opened(case, seen)
    assert leaks(app, seen, case.query)
    assert drawn(app) or case.page == "start"


def one_default_run(store: Any) -> None:
    """The first run of Start's experiment, without any task alone: of it nothing can be asked."""
    config = preset("default")
    stored(store, config, (0.9,) * len(config.data.tasks))


@pytest.mark.parametrize("before", [one_default_run, finished_default])
def test_the_text_of_start_neither_opens_nor_covers_what_its_film_asks(before, store):
    before(store)
    app = harness.opened("start", ASKED)
    assert folded_numbers(app) == 0
    if "guess.text.guess.0" in harness.widgets(app):
        widget(app, "guess.text.guess.0").click().run()
        assert "You expected" in harness.text(app)
    assert "guess.guess.0" in harness.widgets(app)
    assert folded_numbers(app) == 0
    widget(app, "guess.guess.0").click().run()
    assert folded_numbers(app) == 0
    widget(app, "guess.saw.0").click().run()
    assert folded_numbers(app) == 1


def test_what_the_film_showed_stays_while_the_text_is_asked(store):
    finished_default(store)
    app = harness.opened("start", ASKED)
    widget(app, "guess.skip").click().run()
    assert "guess.text.guess.0" in harness.widgets(app)
    assert folded_numbers(app) == 1


def folded_numbers(app: AppTest) -> int:
    return sum(each.label == "What happened, in numbers" for each in app.expander)


def test_a_run_list_that_tells_is_found(seen, monkeypatch):
    monkeypatch.setattr(run_list, "is_covered", lambda asks: False)
    case = Case("studio", {}, finished_default)
    assert leaks(opened(case, seen), seen, case.query)


@pytest.mark.parametrize(
    "told",
    [
        "Training together helped **letters**.",
        "letters 0.912 ± 0.010",
        "**letters** ▲ +13.6 points",
    ],
)
def test_a_planted_outcome_is_found(told, seen, monkeypatch):
    draw = Asked.ask
    monkeypatch.setattr(Asked, "ask", lambda self, *key: (draw(self, *key), st.caption(told)))
    case = RUNS[2]
    assert leaks(opened(case, seen), seen, case.query)


FIGURE = {"data": [], "layout": {"annotations": [{"text": "task 2 helps"}]}}
PLANTED: dict[str, Callable[[Question], object]] = {
    "a sentence": lambda _: st.markdown("Training with task 2 *hurts* task 1."),
    "a number": lambda _: st.caption("Transfer: −10.3 points"),
    "the reason": lambda question: st.caption(question.answers[0].reason),
    "the mechanism": lambda question: st.expander(question.mechanism),
    "the answer": lambda question: st.info(question.answers[1].text),
    "help": lambda _: st.toggle("Harmless", help="It hurts."),
    "a figure's note": lambda _: chart(FIGURE, key="planted", alt="Nothing."),
    "an alternative text": lambda _: chart({"data": []}, key="planted", alt="Task 3 hurts."),
    "a file": lambda _: st.download_button("Numbers", "task,verdict\n2,helps\n", "a.csv"),
    "a file made late": lambda _: st.download_button("Page", lambda: "+5.3 points", "a.html"),
    "a link": lambda _: st.code("http://localhost/toy_lab?right=2&hide=answers", language=None),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_a_leak_that_is_planted_is_found(what, seen, monkeypatch):
    ask = guess.ask

    def leaking(question: Question, *given: Any, **more: Any) -> None:
        ask(question, *given, **more)
        PLANTED[what](question)

    monkeypatch.setattr(guess, "ask", leaking)
    case = Case("capacity", {"cap_toy_story": "Two families"})
    assert leaks(opened(case, seen), seen, case.query)


def test_every_page_that_asks_is_looked_at():
    asking = {path.parent.name for path in _FOLDER.glob("*/*.py")
              if "guess.enter(" in path.read_text("utf-8")}  # fmt: skip
    assert asking <= {case.page for case in CASES} | {""}
    assert asking <= {page.name for page in PAGES}
    assert len(asking) >= 6
