"""What decides whether titles can have the drafts that their editors want, looked up for many of them at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.catalog.errors import DraftRefusedError, FieldRefusal
from subgraphs.catalog.repository import editorial, external_ids, genres
from subgraphs.catalog.repository.cards import GenreCard
from subgraphs.catalog.repository.editorial import EditorialTitle
from subgraphs.catalog.repository.people import PersonCard
from subgraphs.catalog.service.checks import LONGEST_SLUG, problems_of
from subgraphs.catalog.service.drafts import TitleDraft, write_draft
from subgraphs.catalog.service.external_ids import TAKEN, is_reference, parts_of, taken_by_others
from subgraphs.catalog.service.pictures import Sizes, measure, measured
from subgraphs.catalog.service.records import slug_of
from subgraphs.catalog.service.registers import people_of, with_names
from subgraphs.catalog.service.videos import known_videos, unknown_videos
from subgraphs.shared.postgres import WriteSession


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What the catalogue has of all that drafts name: true until the transaction ends, where it says who has it."""

    people: Mapping[UUID, PersonCard]
    sizes: Sizes
    genres: Mapping[UUID, GenreCard]
    slug_holders: Mapping[str, Collection[UUID]]
    external_id_holders: Mapping[str, Collection[UUID]]
    videos: Collection[UUID]


async def facts_for(session: WriteSession, drafts: Sequence[tuple[EditorialTitle, TitleDraft]]) -> DraftFacts:
    """Return what decides whether the titles can have these drafts, in as many statements for many as for one."""
    only = [draft for _, draft in drafts]
    return DraftFacts(
        people=await people_of(session, only),
        sizes=await measure(session, only),
        genres=await genres.genres_by_id(session, {each for draft in only for each in draft.genre_ids}),
        slug_holders=await editorial.slug_holders(session, {each.slug for each in only if each.slug is not None}),
        external_id_holders=await external_ids.holders(
            session, {each for title, draft in drafts for each in _new_external_ids(title, draft)}
        ),
        videos=await known_videos(session, only),
    )


def checked_draft(title: EditorialTitle, draft: TitleDraft, facts: DraftFacts) -> None:
    """Give the title the draft, of which the facts are.

    Raises:
        DraftRefusedError: Something in it is wrong.
    """
    draft, refusals = measured(with_names(draft, facts.people), facts.sizes)
    refusals = [*problems_of(draft), *refusals]
    if any(credit.person_id and credit.person_id not in facts.people for credit in draft.credits):
        refusals.append(FieldRefusal("UNKNOWN_PERSON", "There is no such person.", ("credits",)))
    if not facts.genres.keys() >= set(draft.genre_ids):
        refusals.append(FieldRefusal("UNKNOWN_GENRE", "There is no such genre.", ("genreIds",)))
    refusals += _slug_problems(title, draft, facts)
    refusals += _taken_external_ids(title, draft, facts)
    refusals += unknown_videos(draft, facts.videos)
    if refusals:
        raise DraftRefusedError(refusals)
    title.draft = write_draft(draft)


def _slug_problems(title: EditorialTitle, draft: TitleDraft, facts: DraftFacts) -> Iterator[FieldRefusal]:
    if draft.slug is None:
        return
    if draft.slug != slug_of(draft.slug) or not 1 <= len(draft.slug) <= LONGEST_SLUG:
        message = f"A slug has lower-case letters and digits with single dashes between, {LONGEST_SLUG} at most."
        yield FieldRefusal("SLUG_INVALID", message, ("slug",))
    elif not {title.title_id}.issuperset(facts.slug_holders.get(draft.slug, ())):
        yield FieldRefusal("SLUG_TAKEN", "Another title has this slug.", ("slug",))


def _new_external_ids(title: EditorialTitle, draft: TitleDraft) -> set[str]:
    """Return what the draft calls itself newly."""
    known: Sequence[str] = title.draft.get("external_ids", ())
    return set(filter(is_reference, draft.external_ids)) - set(known)


def _taken_external_ids(title: EditorialTitle, draft: TitleDraft, facts: DraftFacts) -> Iterator[FieldRefusal]:
    """Yield what the draft calls itself newly, and another title is called."""
    new = _new_external_ids(title, draft)
    for each in taken_by_others(new, facts.external_id_holders, own=title.title_id):
        yield FieldRefusal(TAKEN, f"Another title has `{each}`.", ("externalIds", parts_of(each)[0]))
