"""What a sweep tries: which settings at which values, how they are chosen, with which seeds."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.errors import ConfigError, brief
from mtlviz.limits import json_or_text
from mtlviz.runs.flat_settings import in_words, shown
from mtlviz.runs.study import LONGEST_NAME, Study
from mtlviz.runs.sweep.ranges import Range, spread
from mtlviz.runs.sweep.searches import SEARCHES
from mtlviz.runs.sweep.searches.plain import at_random, combinations
from mtlviz.runs.sweep.searches.search import Codes, Search, Space
from mtlviz.settings import setting

Values = tuple[Any, ...]
MOST_SETTINGS, MOST_PATHS = 10_000, 8
_MOST_CHECKED = 1_000
_NO_SETTING = ("seed", "name", "version", "device", "processes", "data.tasks")
_EVERY = ".*."


class SweepPlan(StrictSettings):
    """A sweep before it is begun."""

    name: str = setting("sweep", min_length=1, max_length=60, help="Name of the sweep.")
    base: RunConfig
    over: dict[str, tuple[Any, ...]] = setting(
        min_length=1, max_length=MOST_PATHS,
        help="The values to try at each place, or one range such as 1e-5..1e-2:log.",
    )  # fmt: skip
    search: Literal[tuple(SEARCHES)] = setting("grid", help="How settings are chosen.")
    trials: int | None = setting(None, low=1, high=MOST_SETTINGS, help="Settings to try at most.")
    draw: int = setting(0, low=0, high=2**31 - 1, help="Seed of the search, not of the runs.")
    together: int = setting(
        4, low=1, high=1000, help="Settings tried at once by a search that learns from scores."
    )
    seeds: int = setting(3, low=1, high=100, help="Seeds of every setting.")
    alone: bool = setting(False, help="Train every task alone as well, once for equal arms.")
    early: bool = setting(False, help="Stop settings that fall behind early (ASHA).")
    reduction: int = setting(3, low=2, high=10, help="One in so many goes on at a rung (ASHA).")

    @property
    def space(self) -> Space:
        """The values of each place, those of a range one by one."""
        return tuple(map(spread, self.over.values()))

    @property
    def ranges(self) -> list[str]:
        """The places that are tried over a range."""
        return [path for path, values in zip(self.over, self.space, strict=True)
                if isinstance(values, Range)]  # fmt: skip

    @property
    def way(self) -> Search:
        """How settings are chosen."""
        return SEARCHES[self.search]

    @property
    def combinations(self) -> int:
        """How many settings there could be."""
        return combinations(self.space)

    @property
    def count(self) -> int:
        """How many settings are tried."""
        if self.search == "grid":
            return self.combinations
        return min(self.trials or self.combinations, self.combinations)

    @property
    def run_seeds(self) -> range:
        """Seeds of the runs."""
        return range(self.base.seed, self.base.seed + self.seeds)


def read_over(texts: Iterable[str]) -> dict[str, Values]:
    """What `--over PLACE=VALUE,VALUE` or `--over PLACE=LOW..HIGH:log` says, one text a place.

    Raises:
        ConfigError: If one of them has another form, or a place is named twice.
    """
    found: dict[str, Values] = {}
    for text in texts:
        place, equals, values = text.partition("=")
        place = place.strip()
        if not equals or not place or not values.strip():
            raise ConfigError(
                f"A setting to try needs PLACE=VALUE,VALUE, such as "
                f"optimisation.learning_rate=3e-5,1e-4; got {brief(text)}."
            )
        if place in found:
            raise ConfigError(f"`{place}` is named twice among the settings to try.")
        found[place] = tuple(json_or_text(each.strip(), place) for each in _parts(values))
    return found


def write_over(over: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    """The texts that `read_over` reads back."""
    return tuple(f"{place}={','.join(map(_written, values))}" for place, values in over.items())


def _written(value: Any) -> str:
    plain = isinstance(value, str) and value.strip() == value and not set(value) & set(',"[]{}')
    return value if plain and value and json_or_text(value) == value else json.dumps(value)


def _parts(text: str) -> Iterator[str]:
    """What commas separate, but for those within brackets and quotes."""
    depth, quoted, start = 0, False, 0
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "[{":
            depth += 1
        elif not quoted and letter in "]}":
            depth -= 1
        elif letter == "," and not quoted and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def read_plan(values: object) -> SweepPlan:
    """A plan as a file has it: `base` may be a preset's name, `set` changes it, ranges are texts.

    Raises:
        ConfigError: If something in it is wrong.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"A sweep must be a JSON object, got {type(values).__name__}.")
    given = dict(values)
    base, changes = given.pop("base", "default"), given.pop("set", {})
    config = preset(base) if isinstance(base, str) else RunConfig.from_values(base)
    if not isinstance(changes, dict):
        raise ConfigError('`set` must be an object such as {"optimisation.epochs": 5}.')
    if isinstance(over := given.get("over"), dict):
        given["over"] = {path: (values,) if isinstance(values, str) else values
                         for path, values in over.items()}  # fmt: skip
    return SweepPlan.checked(
        {"name": config.name[:60], **given, "base": config.with_values(changes)}
    )


def changes(plan: SweepPlan, values: Values) -> dict[str, Any]:
    """What one setting changes, by dotted place; `*` stands for the number of every task."""
    found: dict[str, Any] = {}
    for path, value in zip(plan.over, values, strict=True):
        found |= dict.fromkeys(_places(plan.base, path), value)
    return found


def _places(base: RunConfig, path: str) -> list[str]:
    if _EVERY not in path:
        return [path]
    return [path.replace(_EVERY, f".{task}.") for task in range(len(base.data.tasks))]


def chosen(plan: SweepPlan) -> list[Values]:
    """The settings to try, in order; those that scores decide on are not known before."""
    return [values_of(plan, each) for each in plan.way.known(plan.space, plan.count, plan.draw)]


def likely(plan: SweepPlan) -> list[Values]:
    """The settings to try, or as many at random in the place of those that scores decide on."""
    if plan.way.following is None:
        return chosen(plan)
    return [values_of(plan, each) for each in at_random(plan.space, plan.count, plan.draw)]


def values_of(plan: SweepPlan, codes: Codes) -> Values:
    """The values that have these numbers."""
    return tuple(values[code] for values, code in zip(plan.space, codes, strict=True))


def configs(
    plan: SweepPlan, settings: Mapping[int, Values], seeds: Iterable[int]
) -> dict[tuple[int, int], RunConfig]:
    """The runs of these settings by number and seed, seed by seed.

    Raises:
        ConfigError: If a value is not allowed.
    """
    study = Study({number: changes(plan, values) for number, values in settings.items()})
    made = study.runs(plan.base, seeds, lambda way, seed: _name(plan, settings[way], seed))
    return {(int(way), seed): config for (way, seed), config in made.items()}  # type: ignore[call-overload]


def _name(plan: SweepPlan, values: Values, seed: int) -> str:
    """`sweep · learning rate 0.0001 · seed 0`, the seed never cut off."""
    end = f" · seed {seed}"
    return f"{plan.name} · {setting_name(plan, values)}"[: LONGEST_NAME - len(end)] + end


def setting_name(plan: SweepPlan, values: Values) -> str:
    """A setting in words: `learning rate 0.0001 · batch size 8`."""
    pairs = zip(plan.over, values, strict=True)
    return " · ".join(f"{place_name(path)} {value_name(value)}" for path, value in pairs)


def place_name(path: str) -> str:
    """A place in words, without the group it stands in."""
    if path.startswith("data.tasks."):
        task, _, rest = path.removeprefix("data.tasks.").partition(".")
        words = rest.replace(".", " ").replace("_", " ")
        return words if task == "*" else f"task {int(task) + 1} {words}"
    return in_words(path)


def value_name(value: Any) -> str:
    """A value in words."""
    text = shown(value) if not isinstance(value, dict) else str(value)
    return text.replace("_", " ")


def check_plan(plan: SweepPlan) -> None:
    """Check that every setting can be trained, before any is.

    Raises:
        ConfigError: If a place or a value is wrong, or there are too many.
    """
    for path, values in zip(plan.over, plan.space, strict=True):
        _check_place(plan, path, values)
    _check_ranges(plan)
    if plan.count > MOST_SETTINGS:
        raise ConfigError(
            f"A sweep tries at most {MOST_SETTINGS:,} settings, and these are {plan.count:,}: "
            "leave values out, or search at random."
        )
    if plan.search == "grid" and plan.trials is not None:
        raise ConfigError(
            f"A grid tries every combination, here {plan.combinations:,}: leave out the number of "
            "settings, or choose another search."
        )
    plan.way.check()
    asked = plan
    if plan.way.following is not None:
        # Combinations are tried at the ends of ranges, then every value between them by itself.
        ends = {path: (values[0], values[-1]) if isinstance(values, Range) else values
                for path, values in zip(plan.over, plan.space, strict=True)}  # fmt: skip
        asked = plan.changed(over=ends, trials=_MOST_CHECKED)
        _check_all_of_ranges(plan)
    settings = dict(enumerate(likely(asked)))
    for config in configs(plan, settings, plan.run_seeds[:1]).values():
        check_choices(config)


def _check_all_of_ranges(plan: SweepPlan) -> None:
    """Check every value of each range: of the whole numbers from 8 to 64, 4 heads divide a few."""
    if not plan.ranges:
        return
    turns = max(1 if isinstance(each, Range) else len(each) for each in plan.space)
    for turn in range(turns):
        for place in range(max(map(len, plan.space))):
            values = tuple(
                each[(place + (0 if isinstance(each, Range) else turn)) % len(each)]
                for each in plan.space
            )
            check_choices(plan.base.with_values(changes(plan, values)))


def _check_ranges(plan: SweepPlan) -> None:
    if plan.ranges and plan.search == "grid":
        raise ConfigError(
            f"A grid tries every combination, and `{plan.ranges[0]}` is a range: name its values "
            "with commas between them, or search at random, by tpe or by pareto."
        )
    if plan.ranges and plan.trials is None:
        raise ConfigError(
            f"`{plan.ranges[0]}` is a range, so say how many settings are to be tried (`trials`)."
        )


def _check_place(plan: SweepPlan, path: str, values: Sequence[Any]) -> None:
    if path in _NO_SETTING:
        raise ConfigError(
            f"`{path}` cannot be swept: seeds repeat every setting, and all settings must train "
            "the same tasks to be compared."
        )
    if not values or len({repr(value) for value in values}) < len(values):
        raise ConfigError(f"`{path}` needs values that differ, got {brief(list(values))}.")
    for value in (values[0], values[-1]) if isinstance(values, Range) else values:
        plan.base.with_values(dict.fromkeys(_places(plan.base, path), value))
    if isinstance(values, Range) and isinstance(values[0], int):
        _check_whole(plan, path, values)


def _check_whole(plan: SweepPlan, path: str, values: Range) -> None:
    """Refuse whole numbers where others are allowed as well: of 0..1 only two would be tried."""
    between = dict.fromkeys(_places(plan.base, path), values.low + 0.5)
    try:
        check_choices(plan.base.with_values(between))
    except ConfigError:
        return
    raise ConfigError(
        f"`{path}` takes decimals, and {values.text} is a range of whole numbers: write its ends "
        f"with a point, such as {float(values.low)}..{float(values.high)}."
    )
