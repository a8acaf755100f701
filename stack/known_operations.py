"""What the router is going to ask of each subgraph for the saved operations: their plans, saved with the schema."""

import json

from stack.home import PROJECT

_FILE = PROJECT / "schema" / "known-operations.json"


def known_operations(subgraph: str) -> list[str]:
    """Return the documents that one subgraph gets; none for a subgraph that is not asked, or without the file."""
    if not _FILE.is_file():
        return []
    documents: dict[str, list[str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return documents.get(subgraph, [])
