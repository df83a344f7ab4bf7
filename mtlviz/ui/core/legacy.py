"""Pages whose settings are not yet a `Part`, seen as if they were; goes with the last of them."""

from collections.abc import Mapping
from types import ModuleType

from mtlviz.settings import Settings


class ModulePart:
    """A module with PARAMETERS, HIDEABLE, `open_link` and `link`, as a part of settings."""

    model = Settings
    presets: Mapping[str, object] = {}
    preset_parameter = ""
    now = Settings()

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def apply(self, query: Mapping[str, str]) -> list[str]:
        """Take the settings of a link; one sentence for each value that cannot be used."""
        return self._module.open_link(
            {name: text for name, text in query.items() if self.knows(name)}
        )

    def query(self) -> dict[str, str]:
        """The parameters of a link that opens what is on screen."""
        return self._module.link()

    def knows(self, parameter: str) -> bool:
        """Whether a link's parameter is one of this part."""
        names = (*self._module.PARAMETERS, *self._module.HIDEABLE)
        return any(
            parameter.startswith(name[:-1]) if name.endswith("*") else parameter == name
            for name in names
        )

    hides = knows

    def parameters(self) -> list[str]:
        """Names of this part that a link may have."""
        return [name for name in self._module.PARAMETERS if not name.endswith("*")]
