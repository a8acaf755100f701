"""What the fetches of one request share: the response tree, what every call carries, and how to begin again.

A request begins in the hope that all replies are as promised. Then objects of the response tree are structs, and code
that knows them does everything (`object_forms.py`). When anything turns out to be different, the tree is made again
without types: what happened so far is repeated in the same order from the replies' text, and from there on the request
goes the way that takes all data as they come. No subgraph is asked again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from router.execution.representations import Gather, Gathered
from router.execution.shared_objects import Sharing, Slots
from router.execution.subgraph_errors import SubgraphErrorReporter
from router.execution.transport import ReplyDecoder, SubgraphTransport

_NOTHING_GATHERED: tuple[int, Gathered] = -1, ([], [])


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class FetchContext:
    """The state of one request.

    Attributes:
        decoders: Of the replies, by the id of the fetch; None reads them without types.
        version: How often the response tree was changed.
        gathered: What was gathered last by each way to do so, and from which version.
        events: What changed the tree or looked into it, in order, as functions that repeat it without types.
        found_again: What fetches that were under way had gathered, in the tree that was made again, by their ids.
    """

    root: dict[str, Any]
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    transports: Mapping[str, SubgraphTransport]
    reporter: SubgraphErrorReporter
    deadline: float | None = None
    slots: Slots = field(default_factory=list)
    decoders: Mapping[int, ReplyDecoder] | None = None
    version: int = 0
    gathered: dict[Gather, tuple[int, Gathered]] = field(default_factory=dict)
    events: list[tuple[Callable[["FetchContext", Any], None], Any]] = field(default_factory=list)
    found_again: dict[int, list[Gathered]] = field(default_factory=dict)

    def gather(self, gather: Gather) -> Gathered:
        """Return what there is to be asked for. Fetches that begin together often ask for the same."""
        version, found = self.gathered.get(gather, _NOTHING_GATHERED)
        if version != self.version:
            found = gather(self.root, self.slots)
            self.gathered[gather] = self.version, found
        return found

    def share(self, sharing: Sharing) -> None:
        """Let equal objects be one."""
        if self.decoders is None:
            sharing.plain(self.root, self.slots)
        else:
            self.events.append((FetchContext.share, sharing))
            sharing.typed(self.root, self.slots)

    def start_over(self) -> None:
        """Make the tree again without types, if it has any."""
        if self.decoders is None:
            return
        self.decoders = None
        self.root = {}
        self.slots[:] = [None] * len(self.slots)
        self.gathered.clear()
        self.version += 1
        for repeat, what in self.events:
            repeat(self, what)
        self.events.clear()
