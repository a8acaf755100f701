"""Cases for error codes and hints: subgraphs that provoke exactly one, and what it says."""

from dataclasses import dataclass

from router.composition import CompositionResult, Subgraph, compose
from tests.router.composition.compositions import federation_2


@dataclass(frozen=True)
class Case:
    """Subgraphs by name, what they provoke, and those that are composed as they are written.

    The others get a link to the federation specification with every directive.
    """

    code: str
    message: str
    sdl: dict[str, str]
    version: str = "2.12"
    as_written: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.code

    def compose(self) -> CompositionResult:
        """Compose the subgraphs."""
        return compose(
            [
                Subgraph(
                    name,
                    f"http://{name}",
                    text if name in self.as_written else federation_2(text, version=self.version),
                )
                for name, text in self.sdl.items()
            ]
        )
