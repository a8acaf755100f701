"""What workers call: whole batches, safe to come twice and in any order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from subgraphs.activity.config import Settings
from subgraphs.activity.events import Engagement
from subgraphs.activity.models.documents import PlayableFacts, TitleDocument
from subgraphs.activity.models.facts import ProjectedTitle, Watching
from subgraphs.activity.repository import durable, erasure, titles
from subgraphs.activity.repository.durable import HistoryFilter
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.activity.repository.stores import open_stores
from subgraphs.activity.service import privacy, reading, saying, watching
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.privacy import DataSubject, Records
from subgraphs.shared.values import age_floor


class ActivityBatches:
    """The batch functions over open stores."""

    def __init__(self, read_model: ReadModel) -> None:
        self._read_model = read_model

    async def project_titles(self, changed: Sequence[ProjectedTitle]) -> None:
        """Keep each title at its highest version; rows of continue watching follow when its playables changed."""
        newest: dict[str, ProjectedTitle] = {}
        for title in changed:
            if title.title_id not in newest or newest[title.title_id].version < title.version:
                newest[title.title_id] = title
        known = await titles.find_titles(list(newest))
        documents = [_document(title) for title in newest.values()]
        newer = [each for each in documents if each.id not in known or known[each.id].version < each.version]
        await titles.insert_titles([each for each in newer if each.id not in known])
        await titles.upsert_titles([each for each in newer if each.id in known])
        changed_ids = [each.id for each in newer if each.id not in known or _differs(known[each.id], each)]
        if changed_ids:
            await watching.refresh(self._read_model, await durable.pairs_of_titles(changed_ids))

    async def record_watching(self, entries: Sequence[Watching]) -> None:
        """Record how far profiles came: states, history and rows of continue watching."""
        await watching.record(self._read_model, entries)

    async def record_marks(self, said: Sequence[Engagement]) -> None:
        """Record titles put on lists and ratings given elsewhere, as if the profiles had said so here.

        Whether the titles exist is not looked up, and other kinds of engagement are left alone.
        """
        for each in said:
            await saying.record(self._read_model, each)

    async def export_account(self, subject: DataSubject) -> Records:
        """Return what the account's profiles did and said."""
        return await privacy.export_account(subject)

    async def forget_accounts(self, subjects: Sequence[DataSubject]) -> None:
        """Delete everything that is kept of the accounts' profiles; what is gone already is no error."""
        await self.forget_profiles([each for subject in subjects for each in subject.profile_ids])

    async def forget_profiles(self, profile_ids: Sequence[str]) -> None:
        """Delete everything that is kept of the profiles."""
        await privacy.forget_profiles(self._read_model, profile_ids)

    async def forget_history(self, *, before: datetime) -> int:
        """Delete viewings of before the moment and return how many."""
        return await erasure.delete_watched_before(before)

    async def has_history(self, profile_id: str) -> bool:
        """Return whether the profile watched anything that its history shows."""
        return bool(await reading.history(profile_id, HistoryFilter(), limit=1, after=None))


@asynccontextmanager
async def open_service(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[ActivityBatches]:  # noqa: ARG001  # the same factory in every subgraph
    """Open the stores and give the batch functions over them."""
    async with open_stores(settings) as stores:
        yield ActivityBatches(ReadModel(stores.cache))


def _document(title: ProjectedTitle) -> TitleDocument:
    return TitleDocument(
        id=title.title_id,
        version=title.version,
        published=title.published,
        age_floor=age_floor(title.maturity_rating),
        playables=[
            PlayableFacts(
                playable_id=each.playable_id,
                duration_seconds=each.duration_seconds,
                age_floor=age_floor(each.maturity_rating),
            )
            for each in title.playables
        ],
    )


def _differs(known: TitleDocument, new: TitleDocument) -> bool:
    return (known.published, known.age_floor, known.playables) != (new.published, new.age_floor, new.playables)
