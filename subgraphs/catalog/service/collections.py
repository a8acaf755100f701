"""Collections as editors keep them: titles put together by hand, in order, or by a rule kept as data.

Whoever shows a collection elsewhere learns of its titles by CollectionChanged: by hand all of them, by a rule the first
hundred, told anew whenever they change (`refresh_rules`). A published one can be found by its names, by whoever may see
one of those titles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from subgraphs.catalog.errors import CollectionUnknownError, DraftRefusedError, FieldRefusal, VersionConflictError
from subgraphs.catalog.events import CollectionChanged
from subgraphs.catalog.models import TYPE_NAMES, SearchWord
from subgraphs.catalog.repository import collections
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.collections import CollectionCard, Member
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.repository.writing import insert_rows
from subgraphs.catalog.service.checks import LAST_YEAR, LONGEST_DESCRIPTION, is_plain, name_problem
from subgraphs.catalog.service.documents import collection_document, word_rows
from subgraphs.catalog.service.records import slug_of
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared import outbox
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import WriteSession

MOST_TITLES = 500
"""Titles that can be put into a collection by hand."""
TOLD_OF_RULE = 100
"""Titles of a rule that others are told of: more than any tray shows."""

_SCOPE = "cms:curate"
_LONGEST_SLUG = 100


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """What a collection is to be. `id` None makes one, with the id `made_as`; what is None stays as it is.

    `title_ids` are global ids; they and `rule` exclude each other, and either puts an end to the other.
    """

    id: UUID | None
    slug: str | None
    texts: Mapping[str, Text] = field(default_factory=dict)
    title_ids: Sequence[str] | None = None
    rule: TitleCriteria | None = None
    sort: TitleSort | None = None
    is_published: bool | None = None
    expected_version: int | None = None
    made_as: UUID = field(default_factory=uuid4)


async def upsert_collection(
    session: WriteSession, editor: Editor, request: CollectionRequest, *, now: datetime
) -> CollectionCard:
    """Make or change a collection, and tell others of it.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        CollectionUnknownError: There is no collection with that id.
        VersionConflictError: Somebody else changed it meanwhile.
        DraftRefusedError: Something in the request is wrong, field by field.
    """
    editor.require(_SCOPE)
    known = None if request.id is None else await _locked(session, request.id, request.expected_version)
    own = request.made_as if known is None else known.id
    members, refusals = await _checked_members(session, request.title_ids or ())
    refusals += _problems(request, known)
    if request.slug is not None and await collections.is_slug_taken(session, request.slug, own=own):
        refusals.append(FieldRefusal("SLUG_TAKEN", "Another collection has this slug.", ("slug",)))
    if refusals:
        raise DraftRefusedError(refusals)
    card = _changed(known, request, own=own, now=now)
    await collections.save(session, card)
    if request.title_ids is not None or request.rule is not None:
        await collections.replace_members(session, own, members)
    await _announce(session, card, now=now)
    stored = (await collections.collections_by_id(session, [own], published_only=False))[own]
    await _let_be_found(session, stored)
    return stored


async def delete_collection(
    session: WriteSession, editor: Editor, own: UUID, *, expected_version: int, now: datetime
) -> CollectionCard:
    """Delete a collection, tell others of it, and return what it was. Its titles stay what they are.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        CollectionUnknownError: There is no collection with that id.
        VersionConflictError: Somebody else changed it meanwhile.
    """
    editor.require(_SCOPE)
    card = await _locked(session, own, expected_version)
    await collections.delete(session, own)
    gone = _event(card, card.revision + 1, (), now=now).model_copy(update={"deleted": True})
    await outbox.publish(session, [gone])
    return card


async def refresh_rules(session: WriteSession, *, now: datetime) -> int:
    """Tell others of every published collection whose rule finds other titles than it did; return how many."""
    changed = 0
    for card in await collections.lock_rules(session):
        told = await _titles_to_tell(session, card, now=now)
        if list(card.announced) != told:
            await collections.announce(session, card.id, revision=card.revision + 1, announced=told)
            await outbox.publish(session, [_event(card, card.revision + 1, told, now=now)])
            changed += 1
    return changed


async def _locked(session: WriteSession, own: UUID, expected_version: int | None) -> CollectionCard:
    card = await collections.lock(session, own)
    if card is None:
        raise CollectionUnknownError
    if expected_version is not None and expected_version != card.version:
        raise VersionConflictError(expected=expected_version, newest=card.version)
    return card


async def _checked_members(session: WriteSession, title_ids: Sequence[str]) -> tuple[list[Member], list[FieldRefusal]]:
    """Return the titles, and what is wrong with the ids."""
    if len(title_ids) > MOST_TITLES:
        message = f"A collection has at most {MOST_TITLES} titles; a rule finds any number."
        return [], [FieldRefusal("TOO_MANY_TITLES", message, ("titleIds",))]
    members = [_member(given) for given in title_ids]
    known = await collections.known_kinds(session, [each.title_id for each in members if each]) if members else {}
    refusals, seen = [], set()
    for place, member in enumerate(members):
        path = ("titleIds", str(place))
        if member is None or known.get(member.title_id) != member.type_name:
            refusals.append(FieldRefusal("TITLE_UNKNOWN", "There is no such title.", path))
        elif member.title_id in seen:
            refusals.append(FieldRefusal("TITLE_TWICE", "The title is in the list already.", path))
        else:
            seen.add(member.title_id)
    return [member for member in members if member], refusals


def _member(global_id: str) -> Member | None:
    try:
        decoded = decode_id(global_id, *TYPE_NAMES.values())
    except InvalidIdError:
        return None
    return Member(decoded.uuid, decoded.type_name)


def _problems(request: CollectionRequest, known: CollectionCard | None) -> list[FieldRefusal]:
    missing = []
    if known is None:
        missing = [
            *(("slug",) if request.slug is None else ()),
            *(("translations",) if not request.texts else ()),
            *(("titleIds",) if request.title_ids is None and request.rule is None else ()),
        ]
    elif request.expected_version is None:
        missing = ["expectedVersion"]
    refusals = [FieldRefusal("REQUIRED_FIELD", f"`{name}` is missing.", (name,)) for name in missing]
    if request.slug is not None and (
        not 1 <= len(request.slug) <= _LONGEST_SLUG or request.slug != slug_of(request.slug)
    ):
        message = "A slug has lower-case letters and digits with single dashes between."
        refusals.append(FieldRefusal("SLUG_INVALID", message, ("slug",)))
    if request.title_ids is not None and request.rule is not None:
        message = "Titles are put in by hand or found by a rule, not both."
        refusals.append(FieldRefusal("TITLES_OR_RULE", message, ("rule",)))
    if request.rule is not None and request.rule.collection_id is not None:
        message = "A rule cannot rest on another collection."
        refusals.append(FieldRefusal("RULE_NESTED", message, ("rule", "collectionId")))
    return refusals + _rule_problems(request.rule) + _text_problems(request.texts)


def _rule_problems(rule: TitleCriteria | None) -> list[FieldRefusal]:
    """Return what no title can ever meet; genres and people that there are not yet may come."""
    if rule is None:
        return []
    refusals = []
    if any(slug != slug_of(slug) or len(slug) > _LONGEST_SLUG for slug in rule.genre_slugs):
        refusals.append(FieldRefusal("RULE_INVALID", "Genres are named by their slugs.", ("rule", "genre")))
    for name, year in (("yearFrom", rule.year_from), ("yearTo", rule.year_to)):
        if year is not None and not 1 <= year <= LAST_YEAR:
            refusals.append(FieldRefusal("RULE_INVALID", f"Years go from 1 to {LAST_YEAR}.", ("rule", name)))
    return refusals


def _text_problems(texts: Mapping[str, Text]) -> list[FieldRefusal]:
    refusals = []
    for locale, text in texts.items():
        if problem := name_problem(text.name):
            refusals.append(FieldRefusal("NAME_LENGTH", problem, ("translations", locale, "name")))
        if len(text.description) > LONGEST_DESCRIPTION or not is_plain(text.description):
            message = f"A description has at most {LONGEST_DESCRIPTION} characters, none of them a control character."
            refusals.append(FieldRefusal("DESCRIPTION_LENGTH", message, ("translations", locale, "description")))
    return refusals


def _changed(known: CollectionCard | None, request: CollectionRequest, *, own: UUID, now: datetime) -> CollectionCard:
    before = known or CollectionCard(
        id=own,
        slug=request.slug or "",
        texts={},
        version=0,
        is_published=False,
        rule=None,
        sort=TitleSort.TRENDING,
        updated_at=now,
        revision=0,
        announced=(),
    )
    return replace(
        before,
        slug=request.slug or before.slug,
        texts=request.texts,
        version=before.version + 1,
        is_published=before.is_published if request.is_published is None else request.is_published,
        rule=request.rule if request.title_ids is not None or request.rule is not None else before.rule,
        sort=request.sort or before.sort,
        updated_at=now,
    )


async def _announce(session: WriteSession, card: CollectionCard, *, now: datetime) -> None:
    told = await _titles_to_tell(session, card, now=now) if card.is_published else []
    await collections.announce(session, card.id, revision=card.revision + 1, announced=told)
    await outbox.publish(session, [_event(card, card.revision + 1, told, now=now)])


async def _let_be_found(session: WriteSession, card: CollectionCard) -> None:
    """Have a search find the collection by all its names, or not at all while it is not published."""
    if not card.is_published:
        await collections.replace_document(session, card.id, None)
        return
    document = collection_document(card.id, [text.name for text in card.texts.values()])
    await collections.replace_document(session, card.id, document)
    await insert_rows(session, SearchWord, word_rows([document]))


async def _titles_to_tell(session: WriteSession, card: CollectionCard, *, now: datetime) -> list[str]:
    if card.rule is None:
        return [member.global_id for _, member in await collections.members_of(session, card.id, limit=MOST_TITLES)]
    everyone = Audience(now, ANONYMOUS.country, ANONYMOUS.age_limit)
    return await collections.found_by_rule(session, card, card.rule, audience=everyone, limit=TOLD_OF_RULE)


def _event(card: CollectionCard, revision: int, title_ids: Sequence[str], *, now: datetime) -> CollectionChanged:
    return CollectionChanged(
        occurred_at=now,
        collection_id=encode_id("Collection", card.id),
        version=revision,
        title_ids=list(title_ids),
    )
