"""The rules of playback.

access    may this viewer play it: one pure function
progress  how far a profile has come, wherever it is stored
sessions  starting, reporting and stopping a viewing
tracks    in which languages it begins
uploads   files on their way in, part by part; signatures: how such files begin
films     what editors do with films that were sent
encoding  the jobs that make streams of them, as a worker takes them
privacy   exporting and forgetting what is kept about people
batches   what workers call: `open_service`
"""

from subgraphs.playback.models.facts import Asset, Entitlement, Heartbeat, LicenceTerms, PlayableRights, TitleRights
from subgraphs.playback.service.batches import PlaybackBatches, open_service

__all__ = [
    "Asset",
    "Entitlement",
    "Heartbeat",
    "LicenceTerms",
    "PlayableRights",
    "PlaybackBatches",
    "TitleRights",
    "open_service",
]
