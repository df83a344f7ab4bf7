"""Real runs are asked about before they tell: whom training together helps."""

import pytest

from mtlviz.engine.config import Budget
from mtlviz.engine.measures.joint_verdict import joint_verdict
from mtlviz.engine.measures.transfer import transfer
from mtlviz.errors import ConfigError
from mtlviz.runs.single_task import single_task_run
from mtlviz.ui.core import family_question, guess, run_records
from mtlviz.ui.core.family_question import about_family, asked_of
from tests.runs.compare_runs import begin_default, finish, finished_default, settings, stored, taken
from tests.ui.harness import lines, opened, text, unescaped, visit, widget, widgets

ASKED = {"guess:skip_all": False}
DEFAULT = ("reviews", "letters", "topics", "similarity")


def moved(by, spread=0.001):
    """A transfer of so many points over three seeds."""
    return transfer([0.5 + (by + spread * sign) / 100 for sign in (-1, 0, 1)], [0.5] * 3)


GAIN, MORE, LOSS, SAME, UNSURE = moved(2), moved(5), moved(-3), moved(0, 0), moved(0.1, 1)
ONE = transfer([0.9], [0.8])


def answer(*transfers, every=""):
    """The right answer where these are the transfers of as many tasks, or why there is none."""
    asked = asked_of("any", dict(zip("abcdefgh", transfers, strict=False)), "Why.", every)
    return asked.undecided or asked.answers[asked.right].text


@pytest.mark.parametrize(
    ("transfers", "right"),
    [
        ((SAME, MORE, GAIN, LOSS), "b"),
        ((SAME, UNSURE), "Nobody"),
        ((LOSS, SAME), "Nobody"),
        ((GAIN, LOSS), "a"),
        ((ONE, ONE), "One seed: no interval yet, add seeds."),
        ((GAIN, ONE), "One seed: no interval yet, add seeds."),
        ((GAIN, None), "Not known yet for **b**."),
        ((GAIN, GAIN, MORE, SAME, LOSS), "Most of them"),
        ((GAIN, SAME, UNSURE, SAME, LOSS), "Some, and it hurts others"),
        ((GAIN, SAME, UNSURE, SAME, SAME), "Some, and it hurts none"),
        ((LOSS, SAME, UNSURE, SAME, SAME), "None"),
        ((GAIN, ONE, SAME, SAME, LOSS), "One seed: no interval yet, add seeds."),
    ],
)
def test_the_right_answer_follows_from_the_transfers(transfers, right):
    assert answer(*transfers) == right


def test_several_ways_of_training_are_asked_how_often_it_helps():
    assert answer(GAIN, LOSS, SAME, every="3 comparisons") == "Some, and it hurts others"
    asked = asked_of("any", {"a": GAIN, "b": LOSS}, "Why.", "2 comparisons")
    assert asked.text.endswith("**How many of the 2 comparisons does training together help?**")
    assert {each.reason for each in asked.answers} == {
        "Of 2 comparisons training together surely helps in 1 and hurts in 1."
    }


def test_each_answer_has_the_sentence_on_its_task_as_its_reason():
    found = {"a": GAIN, "b": MORE, "c": LOSS, "d": SAME}
    asked = asked_of("any", found, "Why.")
    told = [joint_verdict({name: each}, "**{}**".format) for name, each in found.items()]
    reasons = [each.reason for each in asked.answers]
    assert reasons[0] == f"{told[0]} **b** gains +5.0 points."
    assert reasons[1] == f"{told[1]} No other task gains as much."
    assert reasons[3].startswith("Training together left the score of **d** exactly as it was.")
    assert reasons[4] == told[1]
    assert asked.text.endswith("**Whom does training together help most?**")


def test_what_nobody_can_say_yet_is_neither_right_nor_wrong():
    asked = asked_of("any", {"a": ONE, "b": ONE}, "Why.")
    said = guess.judged(asked, guess.Given(0))
    assert said.startswith("You expected: *a*. One seed: no interval yet, add seeds.")
    assert "by +10.0 points" in said
    assert said.count("no interval yet") == 1
    assert "Right" not in said
    assert "Not so" not in said


def test_a_guess_that_was_not_asked_what_it_saw_is_told_in_whole_sentences():
    asked = asked_of("any", {"a": GAIN, "b": LOSS}, "Why.")
    assert guess.judged(asked, guess.Given(0, right=0)).startswith(
        "**Right.** You expected: *a*. Training together helped **a** by"
    )
    wrong = guess.judged(asked, guess.Given(1, right=0))
    assert wrong.startswith("**Not so.** You expected: *b*. What happened: **a**. Training")


def both(seed):
    return settings(seed, optimisation__max_updates=6, probes__evaluate_every=3)


def family(store, seeds=3):
    """Two tasks together and alone: the first gains, the second loses; the number of the last."""
    for seed in range(seeds):
        together = stored(store, both(seed), (0.8 + seed / 1000, 0.6))
        for task, score in enumerate((0.7, 0.7 + seed / 1000)):
            stored(store, single_task_run(both(seed), task, Budget(6, 2, 2)), (score,))
    return together


def test_start_asks_while_the_runs_train_and_tells_when_they_are_done(store):
    app = opened("start", ASKED)
    widget(app, "guess.skip").click().run()
    widget(app, "start.train").click().run()
    assert "**Whom does training together help most?**" in text(app)
    labels = [widget(app, f"guess.text.guess.{place}").label for place in range(5)]
    assert labels == [*DEFAULT, "Nobody"]
    runs = sorted(run.id for run in store.runs())
    for number in runs[:3]:
        finish(store, number)
    app.run()
    assert any("3 of 25 runs" in line for line in lines(app))
    assert "So far" not in text(app)
    assert "start.look" not in widgets(app)
    widget(app, "guess.text.guess.0").click().run()
    assert "You expect: *reviews*. It is told when the runs are done." in text(app)
    assert "So far" not in text(app)
    for number in runs[3:]:
        finish(store, number)
    app.run()
    told = unescaped(text(app))
    assert "**Not so.** You expected: *reviews*. What happened: **letters**." in told
    assert "Training together left the score of **reviews** exactly as it was." in told
    assert "Training together helped **letters** by" in told
    assert "Planted: letters asks what reviews asks" in told
    assert "start.look" in widgets(app)


def test_a_new_visitor_is_asked_about_runs_that_were_done_before(store):
    finished_default(store)
    app = opened("start", ASKED)
    assert "guess.text.guess.0" in widgets(app)
    assert "Training together helped" not in text(app)
    widget(app, "guess.text.guess.1").click().run()
    assert "**Right.** You expected: *letters*." in unescaped(text(app))
    assert "hurt **similarity** by" in text(app)


@pytest.mark.parametrize("skip", ["guess.text.skip", "guess.text.skip_all"])
def test_whoever_does_not_guess_sees_it_at_once(store, skip):
    finished_default(store)
    app = opened("start", ASKED)
    widget(app, skip).click().run()
    assert "Training together helped **letters** by" in text(app)
    assert "guess.text.guess.0" not in widgets(app)


def test_whoever_asked_not_to_be_asked_sees_what_the_runs_have_found_so_far(store):
    for number in begin_default(store)[:3]:
        finish(store, number)
    assert "So far: Training together changed" in text(opened("start"))


def test_the_film_and_the_text_are_two_questions(store):
    finished_default(store)
    app = opened("start", ASKED)
    widget(app, "guess.guess.0").click().run()
    assert "guess.saw.0" in widgets(app)
    widget(app, "guess.text.guess.0").click().run()
    assert "guess.saw.0" in widgets(app)
    assert "Training together helped **letters** by" in text(app)


PAGES = [("studio", {"run": "7"}), ("run", {"run": "7"}), ("compare", {"runs": "1,4,7"})]


@pytest.mark.parametrize(("page", "query"), PAGES)
def test_pages_of_runs_ask_where_the_answers_are_hidden_and_nobody_else(store, page, query):
    family(store)
    open_ = opened(page, ASKED, **query)
    assert "guess.guess.0" not in widgets(open_)
    assert "letters" in text(open_)
    app = opened(page, ASKED, hide="answers", **query)
    assert [widget(app, f"guess.guess.{place}").label for place in range(3)] == [
        "reviews", "letters", "Nobody",
    ]  # fmt: skip
    widget(app, "guess.guess.0").click().run()
    told = unescaped(text(app))
    assert "**Right.** You expected: *reviews*. Training together helped **reviews** by" in told
    assert "guess.guess.0" not in widgets(app)
    shown = [line for line in lines(app) if "You expected" not in line]
    assert all(line in shown for line in lines(open_) if "±" in line or "Training together" in line)


def test_one_answer_holds_on_every_page_of_the_same_runs(store):
    family(store)
    app = opened("run", ASKED, hide="answers", run="7")
    widget(app, "guess.guess.2").click().run()
    for page in ("studio", "run", "compare"):
        assert "**Not so.** You expected: *Nobody*." in text(visit(app, page))


def test_a_run_without_any_trained_alone_has_nothing_to_ask(store):
    run = stored(store, both(0), (0.8, 0.6))
    for page in ("studio", "run", "compare"):
        app = opened(page, ASKED, hide="answers", run=str(run))
        assert "guess.guess.0" not in widgets(app)
        assert app.get("bidi_component")


def test_of_one_seed_a_guess_is_neither_right_nor_wrong(store):
    run = family(store, seeds=1)
    app = opened("run", ASKED, hide="answers", run=str(run))
    widget(app, "guess.guess.0").click().run()
    assert "You expected: *reviews*. One seed: no interval yet, add seeds." in text(app)
    assert "family.add" in widgets(app)


def test_a_question_of_one_run_stands_above_the_list_to_choose_from(store):
    family(store)
    app = opened("compare", ASKED, hide="answers", runs="7")
    assert "guess.guess.0" in widgets(app)
    folds = {each.label: each.proto.expanded for each in app.expander}
    assert [open_ for label, open_ in folds.items() if label.startswith("Runs: 1 of")] == [False]


def test_the_studio_tells_once_how_far_the_runs_in_view_are(store):
    begin_default(store)
    told = [line for line in lines(opened("studio")) if "0 of 25 runs" in line]
    assert len(told) == 1


def test_a_judgement_follows_the_seeds_that_are_added(store):
    run = family(store)
    app = opened("run", ASKED, hide="answers", run=str(run))
    widget(app, "guess.guess.0").click().run()
    assert "**Right.** You expected: *reviews*." in unescaped(text(app))
    for seed in (3, 4, 5):
        stored(store, both(seed), (0.2, 0.6 + 0.1 * seed))
        for task, score in enumerate((0.7, 0.7)):
            stored(store, single_task_run(both(seed), task, Budget(6, 2, 2)), (score,))
    told = unescaped(text(app.run()))
    assert "**Not so.** You expected: *reviews*. What happened: **Nobody**." in told


@pytest.mark.parametrize("hide", ["answers", ""])
def test_a_run_of_a_newer_version_takes_nothing_from_the_others(store, monkeypatch, hide):
    number, read = family(store), run_records.run_config

    def newer(run):
        if run.id == number:
            raise ConfigError("A newer version wrote these settings.")
        return read(run)

    monkeypatch.setattr(run_records, "run_config", newer)
    for run in store.runs():
        assert about_family(run, store.runs()) is None or run.id != number
    app = opened("studio", ASKED, run="1", **({"hide": hide} if hide else {}))
    assert "Runs" in [each.value for each in app.subheader]
    assert ("guess.guess.0" in widgets(app)) == bool(hide)


def test_nothing_is_computed_of_a_question_that_nobody_is_asked(store, monkeypatch):
    family(store)
    monkeypatch.setattr(family_question, "asked_of", lambda *_: 1 / 0)
    for page in ("studio", "run", "compare"):
        assert "letters" in text(opened(page, ASKED, run="1"))


def test_whoever_was_asked_is_told_that_no_run_alone_was_finished(store):
    app = opened("start", ASKED)
    widget(app, "guess.skip").click().run()
    widget(app, "start.train").click().run()
    widget(app, "guess.text.guess.0").click().run()
    for number in sorted(run.id for run in store.runs()):
        alone = len(store.config(number).data.tasks) == 1
        taken(store, number).finish("failed" if alone else "finished")
    told = unescaped(text(app.run()))
    assert "You expected: *reviews*. Not known yet for **reviews**" in told
    assert "guess.text.guess.0" not in widgets(opened("start", ASKED))
