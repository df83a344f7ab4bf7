"""A stored sweep: its plan, the settings tried so far, and which run each of them is.

A list of sweeps needs no plan, so a plan is read, and pydantic imported, where one is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Self

from mtlviz.runs.failures import StoreError
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import (
    Role,
    StoredStudy,
    new_study,
    stored_study,
    studies,
    write_study,
)
from mtlviz.runs.sweep.marks import mark
from mtlviz.runs.sweep.ranges import spread

if TYPE_CHECKING:
    from mtlviz.runs.sweep.plan import SweepPlan, Values

KIND = "sweep"
RUN, ALONE = "run", "alone"
NEW_SEEDS = 5
"""Seeds with which a winner is confirmed."""


@dataclass(frozen=True)
class StoredSweep:
    """A sweep.

    Attributes:
        study: What is stored: roles are ("run", setting, seed) and ("alone", setting, seed, task).
        written: What it tries, as it is stored.
        seeds: Seeds of its runs.
        settings: The settings chosen so far, by their numbers from 0.
        given_up: Settings stopped early, and the share of their training that was done.
        confirmed: Settings that get new seeds, by which they were not chosen.
        stopped: Whether a person stopped it; nothing new is begun until it goes on.
        owner: The visitor who began it; None for the shell.
        launcher: Name of the launcher that starts its runs; None for the queue of this machine.
    """

    study: StoredStudy
    written: Mapping[str, Any]
    seeds: range
    settings: tuple[Values, ...]
    given_up: Mapping[int, float] = field(default_factory=dict)
    confirmed: tuple[int, ...] = ()
    stopped: bool = False
    owner: str | None = None
    launcher: str | None = None

    @property
    def id(self) -> int:
        """Its number."""
        return self.study.id

    @cached_property
    def plan(self) -> SweepPlan:
        """What it tries.

        Raises:
            ConfigError: If a newer mtlviz wrote it.
        """
        from mtlviz.runs.sweep.plan import SweepPlan

        return SweepPlan.checked(self.written)

    @property
    def to_come(self) -> int:
        """How many settings more its search is to choose by the scores of those before."""
        most = prod(len(spread(values)) for values in self.written["over"].values())
        return max(0, min(self.written["trials"] or most, most) - len(self.settings))

    @property
    def new_seeds(self) -> range:
        """Seeds by which no setting was chosen."""
        first = self.seeds[-1] + 1
        return range(first, first + NEW_SEEDS)

    def numbers(self) -> set[int]:
        """All its runs."""
        return set(self.study.runs.values())

    def going_on(self) -> set[int]:
        """Its runs but for those of settings given up; shared and confirming ones go on."""
        confirmed = {(number, seed) for seed in self.new_seeds for number in self.confirmed}
        return {run for role, run in self.study.runs.items()
                if role[1] not in self.given_up or tuple(role[1:3]) in confirmed}  # fmt: skip

    def wanted(self) -> list[tuple[int, int]]:
        """Setting and seed of every run it should have, seed by seed."""
        going = [number for number in range(len(self.settings)) if number not in self.given_up]
        found = [(number, seed) for seed in self.seeds for number in going]
        return found + [(number, seed) for seed in self.new_seeds for number in self.confirmed]

    def with_runs(self, runs: Mapping[Role, int]) -> Self:
        """The same with these runs beside its own."""
        return replace(self, study=replace(self.study, runs={**self.study.runs, **runs}))

    def without(self, gone: Collection[int]) -> Self:
        """The same without runs that are no longer there."""
        kept = {role: run for role, run in self.study.runs.items() if run not in gone}
        return replace(self, study=replace(self.study, runs=kept))


def new_sweep(
    store: Store, plan: SweepPlan, owner: str | None, launcher: str | None = None
) -> StoredSweep:
    """Store a sweep without runs.

    Raises:
        StoreError: If the home folder cannot be written.
    """
    begun = replace(unstored(plan, owner), launcher=launcher)
    begun = replace(begun, study=new_study(store, KIND, plan.name, {}, _values(begun)))
    _mark(store, begun)
    return begun


def unstored(plan: SweepPlan, owner: str | None = None) -> StoredSweep:
    """A sweep before it is stored."""
    from mtlviz.runs.sweep.plan import chosen

    study = StoredStudy(0, KIND, plan.name, 0.0, {})
    written = plan.model_dump(mode="json")
    return StoredSweep(study, written, plan.run_seeds, tuple(chosen(plan)), owner=owner)


def write_sweep(store: Store, sweep: StoredSweep) -> None:
    """Replace what is stored of a sweep."""
    write_study(store, replace(sweep.study, plan=_values(sweep)))
    _mark(store, sweep)


def _mark(store: Store, sweep: StoredSweep) -> None:
    early = sweep.written["reduction"] if sweep.written["early"] else 0
    steered = (early or sweep.to_come) and not sweep.stopped
    mark(store, sweep.id, early if steered else None)


def sweeps(store: Store) -> list[StoredSweep]:
    """All sweeps that can be read, newest first."""
    found = (_read(study) for study in studies(store, KIND))
    return [each for each in found if each is not None]


def stored_sweep(store: Store, number: int) -> StoredSweep:
    """The sweep of this number.

    Raises:
        StoreError: If there is none, or a newer mtlviz wrote it.
    """
    study = stored_study(store, number)
    found = None if study is None or study.kind != KIND else _read(study)
    if found is None:
        known = ", ".join(str(each.id) for each in sweeps(store)[:10]) or "none yet"
        raise StoreError(f"There is no sweep {number}. Known: {known}.")
    return found


def _values(sweep: StoredSweep) -> dict[str, Any]:
    return {
        "plan": dict(sweep.written),
        "settings": [list(values) for values in sweep.settings],
        "given_up": [[number, share] for number, share in sweep.given_up.items()],
        "confirmed": list(sweep.confirmed),
        "stopped": sweep.stopped,
        "owner": sweep.owner,
        "launcher": sweep.launcher,
    }


def _read(study: StoredStudy) -> StoredSweep | None:
    try:
        values = study.plan
        return StoredSweep(
            study,
            values["plan"],
            _seeds(values["plan"]),
            tuple(tuple(each) for each in values["settings"]),
            {int(number): float(share) for number, share in values["given_up"]},
            tuple(values["confirmed"]),
            bool(values["stopped"]),
            values["owner"],
            values.get("launcher"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _seeds(written: Mapping[str, Any]) -> range:
    first = int(written["base"]["seed"])
    return range(first, first + int(written["seeds"]))
