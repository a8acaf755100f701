"""What a resolver of the ads subgraph can reach."""

from dataclasses import dataclass

from strawberry.types import Info as StrawberryInfo

from subgraphs.ads.loaders import Loaders
from subgraphs.shared.identity import Viewer


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, and the means to answer. `public_url` is where creatives' pictures hang below."""

    viewer: Viewer
    loaders: Loaders
    public_url: str


Info = StrawberryInfo[Context, None]
