"""A part of a page's settings: one checked object, in the session, in links and in presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from mtlviz.errors import MtlvizError, unknown_choice
from mtlviz.settings import Control, Settings
from mtlviz.ui.core import session

S = TypeVar("S", bound=Settings)
_MOST_UNDONE = 50
Settle = Callable[[S], tuple[S, list[str]]]


class Part(Generic[S]):
    """One settings object of a page, and every way it changes: widgets, links, lessons, Back.

    Args:
        name: Name in the session, and the beginning of its widgets' keys.
        model: The class of the settings; its `link_prefix` begins their names in links.
        presets: Settings to start from, by name; the first is where the page opens.
        preset_parameter: The link's name for the preset.
        settle: What fits together of settings from a link, and a sentence on what did not.
        aliases: Names that older links have for a path, in full.
        renamed: Presets by the names that older links have for them.
    """

    def __init__(  # noqa: PLR0913 (a part is declared once, in one call, by names)
        self,
        name: str,
        model: type[S],
        presets: Mapping[str, S] | None = None,
        *,
        preset_parameter: str = "preset",
        settle: Settle[S] | None = None,
        aliases: Mapping[str, str] | None = None,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.presets = presets or {}
        self.preset_parameter = preset_parameter
        self._settle = settle or (lambda settings: (settings, []))
        self._aliases = aliases or {}
        self._renamed = renamed or {}
        self._key = f"settings:{name}"

    @property
    def now(self) -> S:
        """The settings as they are."""
        if not session.has(self._key):
            self.open(self.preset, self.base)
        return session.get(self._key)  # type: ignore[return-value]

    @property
    def preset(self) -> str:
        """Name of the preset that the settings started from; empty where there are none."""
        return str(session.remember(f"{self._key}:preset", next(iter(self.presets), "")))

    @property
    def base(self) -> S:
        """What a link is told against: the preset's settings, or the defaults."""
        return self.presets[self.preset] if self.presets else self._defaults

    @cached_property
    def _defaults(self) -> S:
        return self.model()

    @property
    def is_preset(self) -> bool:
        """Whether nothing was changed since the preset was opened."""
        return self.now == self.base

    @property
    def began_as_preset(self) -> bool:
        """Whether the preset was opened as it is, and not with a link's own changes to it."""
        preset, opened = session.remember(f"{self._key}:opened", (self.preset, self.base))
        return preset != self.preset or opened == self.base

    def put(self, settings: S) -> None:
        """Replace the settings; the preset they came from stays the same."""
        session.put(self._key, settings)

    def move(self, settings: S) -> None:
        """Replace the settings by what a hand made of them; `undo` takes it back."""
        kept = [*self._moves(), (self.now, settings)]
        session.put(f"{self._key}:moves", kept[-_MOST_UNDONE:])
        self.put(settings)

    @property
    def can_undo(self) -> bool:
        """Whether the last change was made by hand."""
        kept = self._moves()
        return bool(kept) and kept[-1][1] == self.now

    def undo(self) -> None:
        """Take back the last change by hand; nothing where something else has changed since."""
        if self.can_undo:
            *earlier, (before, _) = self._moves()
            session.put(f"{self._key}:moves", earlier)
            self.put(before)

    def forget_moves(self) -> None:
        """Have nothing to take back: what was changed last is no change of a setting."""
        session.put(f"{self._key}:moves", [])

    def _moves(self) -> list[tuple[S, S]]:
        """What each change by hand began and ended with, the newest last."""
        return session.remember(f"{self._key}:moves", [])  # type: ignore[return-value]

    def change(self, **values: object) -> bool:
        """Change settings, or keep the sentence that says why not; whether it was done."""
        return self._try(lambda: self.put(self.now.changed(**values)), next(iter(values), ""))

    def change_at(self, path: str, value: object) -> bool:
        """Change the setting at a path by hand, or keep the sentence that says why not."""
        return self._try(lambda: self.move(self.now.changed_at(path, value)), path)

    def open_preset(self, name: str) -> None:
        """Start again from a preset."""
        session.put(f"{self._key}:preset", name)
        self.put(self.presets[name])

    def reset(self) -> None:
        """Go back to what the opening link set; from there, to the preset's own settings."""
        preset, opened = session.remember(f"{self._key}:opened", (self.preset, self.base))
        if preset == self.preset and self.now != opened:
            self.put(opened)
        else:
            self.put(self.base)

    def apply(self, query: Mapping[str, str]) -> list[str]:
        """Take the settings of a link, a lesson's step or Back.

        Returns:
            One sentence for each value that cannot be used; its setting is the preset's own.
        """
        settings, problems = self.read(query)
        self.open(self.preset_of(query)[0], settings)
        return problems

    def read(self, query: Mapping[str, str]) -> tuple[S, list[str]]:
        """The settings that a link means, and a sentence for each value that cannot be used."""
        preset, problems = self.preset_of(query)
        given = {self._aliases.get(name, name): text for name, text in query.items()}
        given.pop(self.preset_parameter if self.presets else "", None)
        start = self.presets[preset] if self.presets else self.model()
        found, wrong = self.model.read(given, start)
        settled, unfit = self._settle(found)
        return settled, [*problems, *wrong, *unfit]

    def query(self) -> dict[str, str]:
        """The parameters of a link that opens what is on screen."""
        first, preset, now = next(iter(self.presets), ""), self.preset, self.now
        named = {} if preset == first else {self.preset_parameter: preset}
        told = session.remember(f"{self._key}:told", (None, None, {}))
        # Settings never change: the same two tell the same, and every run asks.
        if told[0] is not now or told[1] is not self.base:  # type: ignore[index]
            told = (now, self.base, now.query(self.base))
            session.put(f"{self._key}:told", told)
        return named | told[2]  # type: ignore[index]

    def knows(self, parameter: str) -> bool:
        """Whether a link's parameter is one of this part."""
        if self.presets and parameter == self.preset_parameter:
            return True
        name = self._aliases.get(parameter, parameter)
        prefix = self.model.link_prefix
        return name.startswith(prefix) and self.model.knows(name.removeprefix(prefix))

    def hides(self, name: str) -> bool:
        """Whether `hide=` may name one of its controls so: as links do, or by its path alone."""
        return self.knows(name) or self.model.knows(name)

    def parameters(self) -> list[str]:
        """Names of this part that a link may have, to guess what was meant by a wrong one."""
        named = [self.preset_parameter] if self.presets else []
        return [*named, *(self.model.link_prefix + name for name in self.model.parameters())]

    def control(self, path: str) -> Control:
        """The control of the setting at a path, as the settings are now."""
        return self.now.control_at(path)

    def widget(self, path: str) -> str:
        """The key of a setting's widget."""
        return f"{self.name}.{path}"

    def tell(self, problem: str, path: str = "") -> None:
        """Keep a sentence about what could not be done, to be told once."""
        session.put(f"{self._key}:problem", (path, problem))

    def problem(self, path: str | None = None) -> str | None:
        """Why the last change could not be made, told once; with a path, only of that setting."""
        kept = session.remember(f"{self._key}:problem", None)
        if not isinstance(kept, tuple) or path not in (None, kept[0]):
            return None
        session.take(f"{self._key}:problem")
        return str(kept[1])

    def open(self, preset: str, settings: S) -> None:
        """Show settings as a link opened them: Reset comes back to them."""
        session.put(f"{self._key}:preset", preset)
        session.put(f"{self._key}:opened", (preset, settings))
        session.put(self._key, settings)

    def preset_of(self, query: Mapping[str, str]) -> tuple[str, list[str]]:
        """The preset that a link names, or the first and a sentence where there is no such one."""
        first = next(iter(self.presets), "")
        asked = query.get(self.preset_parameter, first) if self.presets else ""
        asked = self._renamed.get(asked, asked)
        if asked in self.presets or not self.presets:
            return asked, []
        return first, [str(unknown_choice("preset", asked, self.presets))]

    def _try(self, change: Callable[[], None], path: str) -> bool:
        try:
            change()
        except MtlvizError as error:
            self.tell(str(error), path)
            return False
        return True
