"""Events that playback publishes."""

from typing import ClassVar

from subgraphs.shared.events import Event


class AssetUploaded(Event):
    """A film was sent whole, under a name of its sender's choice, which others may have too: the newest one counts.

    It can be named as what a title plays from now on, and plays when it is encoded. `asset_id` is a global id.
    """

    topic: ClassVar[str] = "playback.asset_uploaded"

    asset_id: str
    file_name: str
