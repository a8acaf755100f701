"""An encoder that makes a stream of nothing in no time, and what it says of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workers.encoding import OnProgress, Order

MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=150000\np144/index.m3u8\n"


def facts_of(order: Order) -> dict[str, Any]:
    """Return what a real encoder would say, as far as anybody looks."""
    return {
        "probe": {"duration_seconds": 2.0, "width": 64, "height": 48, "frame_rate": "24000/1001"},
        "renditions": [
            {"quality": "P144", "width": 64, "height": 48, "bitrate_kbps": 150, "codec": "avc1", "size_bytes": 9}
        ],
        "audio_tracks": [
            {
                "language": "hi",
                "label": "हिन्दी",
                "channels": 2,
                "codec": "mp4a.40.2",
                "is_default": True,
                "is_audio_description": False,
            }
        ],
        "subtitle_tracks": [
            {
                "language": each["language"],
                "label": each["language"],
                "is_default": False,
                "is_forced": each["is_forced"],
                "is_closed_caption": each["is_closed_caption"],
                "vtt_path": f"text-{each['language']}/whole.vtt",
            }
            for each in order.captions
        ],
        "stills": [{"path": f"stills/{n}.jpg", "at_seconds": float(n), "width": 64, "height": 48} for n in range(3)],
        "storyboard": {
            "vtt_path": "storyboard/storyboard.vtt",
            "sprite_path": "storyboard/sprite.jpg",
            "tile_width": 16,
            "tile_height": 12,
            "interval_ms": 1000,
        },
    }


@dataclass
class FakeEncoder:
    """Writes a master playlist. It says that half is done, and goes on when `may_go_on` is set."""

    orders: list[Order] = field(default_factory=list)
    sources: list[bytes] = field(default_factory=list)
    is_half_done: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None

    async def __call__(self, order: Order, on_progress: OnProgress) -> Mapping[str, Any]:
        """Make the stream."""
        self.orders.append(order)
        self.sources.append(order.source.read_bytes())
        order.folder.mkdir(parents=True)
        (order.folder / "half").touch()
        on_progress(0.5)
        self.is_half_done.set()
        await self.may_go_on.wait()
        if self.failure is not None:
            raise self.failure
        (order.folder / "half").rename(order.folder / "master.m3u8")
        (order.folder / "master.m3u8").write_text(MASTER)
        return facts_of(order)
