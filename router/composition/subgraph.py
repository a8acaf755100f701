"""The input of composition: a subgraph's name, where it answers, and its SDL."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One subgraph to compose. `url` may be empty when the router gets it from elsewhere."""

    name: str
    url: str
    sdl: str
