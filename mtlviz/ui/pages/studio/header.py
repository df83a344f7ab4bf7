"""Top of the Studio: which experiment, start it, and what it will do."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import PRESETS
from mtlviz.errors import MtlvizError
from mtlviz.runs import plan_runs
from mtlviz.ui.core import experiments, run_actions, run_estimates, run_records, session
from mtlviz.ui.core.config_words import one_line, sentences
from mtlviz.ui.core.family_panel import SEEDS, queue_family
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import fold_key, folded, lecture_switch, share
from mtlviz.ui.core.run_choice import choose_run
from mtlviz.ui.core.run_model import model_of
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import counted, sentence
from mtlviz.ui.pages.studio import budget, data, expected, planned_runs, problems
from mtlviz.ui.pages.studio.settings import REPEATS, RUN
from mtlviz.ui.pages.studio.settings_file import outcome, settings_file


def header() -> None:
    """Choose an experiment and start it."""
    config = RUN.now
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _experiment()
        _start_button(config)
        settings = st.popover(
            "Settings",
            key=fold_key("studio.settings"),
            help="Reset, save and open settings; other experiments.",
            on_change="rerun",
        )
        if settings.open:
            with settings:
                _settings(config)
        share("studio")
        lecture_switch()
    run_actions.show_problem()
    outcome()


def _settings(config: RunConfig) -> None:
    """The way back, settings as a file, and what cannot be run here."""
    st.button(
        "Reset",
        key="studio.reset",
        on_click=lambda: RUN.open_preset(RUN.preset),
        help="Back to the experiment's own settings.",
    )
    settings_file(config)
    _missing()


def _experiment() -> None:
    session.set_widget("studio.experiment", RUN.preset)
    without = run_estimates.experiments_without_data()
    available = [name for name in PRESETS if name not in without]
    # A link may name an experiment whose data is not here; its tasks say so.
    if RUN.preset not in available:
        available.append(RUN.preset)
    st.selectbox(
        "Experiment",
        available,
        key="studio.experiment",
        persist_state="session",
        format_func=lambda name: PRESETS[name].title,
        on_change=session.when_chosen("studio.experiment", RUN.open_preset),
        help="Settings to start from; everything stays adjustable.",
        width="stretch",
    )


def _start_button(config: RunConfig) -> None:
    """Begin what the settings say, or all that it takes to say whom sharing helps and hurts."""
    runs, _ = planned_runs.how_many(config)
    family = planned_runs.family(config)
    short = planned_runs.is_short(config, family)
    if family:
        st.button(
            f"Start {counted(len(family), 'run')}",
            key="studio.start_family",
            type="primary" if short else "secondary",
            on_click=_start_family,
            disabled=bool(obstacles(config)),
            help=f"{SEEDS} seeds of these settings, and each task alone with each seed: what it "
            "takes to say whom training together helps and whom it hurts, with an interval.",
        )
    st.button(
        ("Just one" if family else "Start") if runs < 2 else f"Start {runs} runs",
        key="studio.start",
        type="secondary" if short else "primary",
        on_click=_start,
        disabled=not runs or bool(obstacles(config)),
        help="Runs work apart from this page: they go on when it is closed.",
    )


def obstacles(config: RunConfig) -> list[str]:
    """Why the run cannot begin, one sentence for each group with a mistake."""
    found = [f"**{group}**: {sentence(said)}" for group, said in problems.problems(config).items()]
    if not found and _waits_for_counts(config):
        found.append("Counting the data, to give each task alone as many updates; a moment.")
    if not found and problems.trying(config):
        found.append("Trying the checkpoint with a few texts; a moment.")
    return found


def _waits_for_counts(config: RunConfig) -> bool:
    wanted = REPEATS.now.alone and plan_runs.knows_budgets(config)
    return wanted and problems.facts(config) is None


def _missing() -> None:
    """Experiments whose data is not here, each with the reason."""
    missing = run_estimates.experiments_without_data()
    if missing:
        st.markdown(f"**{counted(len(missing), 'more experiment')} without data**")
    for name, needed in missing.items():
        st.button(
            PRESETS[name].title,
            key=f"studio.missing.{name}",
            disabled=True,
            help=experiments.reason(needed),
            width="stretch",
        )
        st.caption(experiments.reason(needed))


def _start() -> None:
    try:
        runs, _ = planned_runs.to_begin(RUN.now)
        if runs:
            choose_run(plan_runs.begin(run_records.store(), runs, visitor()))
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))


def _start_family() -> None:
    """The runs of a family; from now on Start begins families."""
    if queue_family(RUN.now, problems.facts(RUN.now)):
        REPEATS.change(seeds=SEEDS, alone=True)


def what_will_run() -> None:
    """The settings in a line, what they cost, and why they cannot start if they cannot."""
    config = RUN.now
    with st.container(key="studio.summary"):
        many, left_out = planned_runs.how_many(config)
        known = problems.facts(config)
        cost, source = expected.cost(config, known)
        if many > 1:
            cost = f"**{many} runs** in the queue{_all_together(config)}. The first: {cost}"
        elif not many:
            cost, source = "All runs of these settings are there, finished or on the way", ""
        if family := planned_runs.family(config):
            cost = f"{cost.rstrip('.')}. {_about_family(config, family)}"
        st.markdown(f"{one_line(config)}  \n{cost.rstrip('.')}.", help=source or None)
        for told in filter(None, (_about_alone(config, left_out), budget.within(config, known))):
            st.caption(told)
        if told := budget.beside(config, known):
            st.warning(told, icon="⚖️")
        for told in obstacles(config):
            st.warning(f"Start waits. {told}")
        _warn_of_leaks(config)


def _about_family(config: RunConfig, family: list[RunConfig]) -> str:
    """What the button beside Start begins, how long that takes, and what comes of it."""
    what = f"ogether and alone, {SEEDS} seeds: **{counted(len(family), 'run')}**"
    some = len(family) < planned_runs.whole_family(config)
    runs = f"Missing of t{what}" if some else f"T{what}"
    return f"{runs}{_time(config, family)}, and a sentence with an interval at their end"


def _all_together(config: RunConfig) -> str:
    """About how long all runs take that Start begins; empty where nobody can know."""
    try:
        runs, _ = planned_runs.to_begin(config)
    except MtlvizError:
        return ""  # The line on the first run says why.
    return _time(config, runs)


def _time(config: RunConfig, runs: list[RunConfig]) -> str:
    try:
        found = expected.whole(runs, problems.facts(config))
    except MtlvizError:
        return ""
    return f", {found}" if found else ""


def _about_alone(config: RunConfig, left_out: int) -> str:
    """Which runs Start leaves out although tasks alone are switched on, and why."""
    if not REPEATS.now.alone or len(config.data.tasks) == 1:
        return ""
    if not plan_runs.knows_budgets(config):
        return (
            "With patience, nobody knows before for how long each task trains: Compare offers to "
            "train each alone when the run is over."
        )
    if not left_out:
        return ""
    runs = counted(left_out, "run")
    return (
        f"Left out: {runs} of the same settings, finished or on the way. Compare checks that each "
        "task alone has read the same examples, and offers to train it anew where it has not."
    )


def _warn_of_leaks(config: RunConfig) -> None:
    known = problems.facts(config)
    if known is not None and not config.data.drop_leaked and (told := data.warning(known)):
        st.warning(f"{told} Switch on *Drop leaked examples* to leave them out of training.")


def model() -> None:
    """What the tasks share, what belongs to each, and how large it is."""
    draw_model(model_of(RUN.now, problems.facts(RUN.now)), "studio.model")


def what_that_means() -> None:
    """The methods chosen, each with its sentence, and where memory goes."""
    folded(
        "What Start will run, in plain words",
        "studio.words",
        lambda: _in_plain_words(RUN.now),
        lambda: not run_records.store().runs(),
    )


def _in_plain_words(config: RunConfig) -> None:
    st.markdown("\n".join(f"- {each}" for each in sentences(config)))
    if parts := expected.parts(config, problems.facts(config)):
        st.caption(parts)
