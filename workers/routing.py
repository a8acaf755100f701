"""Which consumers an event has, and the translation from the publisher's words into those of each consumer.

Adding a consumer is one entry in `ROUTES`. Every consumer takes a batch, may get an event twice, and in any order.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from subgraphs.activity.service import ProjectedPlayable, ProjectedTitle
from subgraphs.ads.service import Entitlement as AdsEntitlement
from subgraphs.ads.service import TargetingConsent
from subgraphs.billing.events import EntitlementChanged, PaymentSettled, SubscriptionChanged
from subgraphs.catalog.events import CollectionChanged, ReminderDue, SearchDocumentsChanged, TitleChanged
from subgraphs.catalog.service.changed_documents import owners_of_titles
from subgraphs.catalog.service.privacy import forget_profiles
from subgraphs.catalog.service.videos import SentVideo, record_videos
from subgraphs.catalog.service.writing import choose_prominent, record_trending
from subgraphs.playback.events import AssetUploaded
from subgraphs.playback.service import Entitlement as PlaybackEntitlement
from subgraphs.playback.service import LicenceTerms, PlayableRights, TitleRights
from subgraphs.recommendations.events import TraysChanged, TrendingComputed
from subgraphs.recommendations.service import Choice, CollectedTitles, CreditedPerson, GenreName, TitleFeatures
from subgraphs.recommendations.service import Entitlement as RecommendationsEntitlement
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.events import Event
from subgraphs.shared.ids import decode_id
from subgraphs.shared.privacy import DataSubject
from subgraphs.shared.values import MaturityRating, Tier
from subgraphs.users.events import (
    AccountDeleted,
    AccountDeletionRequested,
    AccountSuspended,
    ConsentChanged,
    ConsentPurpose,
    MailRequested,
    NotificationKind,
    NotificationRequested,
    PersonalizationChanged,
    ProfileDeleted,
)
from workers.indexing import put_into_index
from workers.privacy import forget_accounts
from workers.services import Services
from workers.writing import by_language, shown_amount, shown_date

Consumer = Callable[[Services, Sequence[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """An event and everyone who wants to know of it, by name."""

    event: type[Event]
    consumers: Mapping[str, Consumer]


def to_rights(event: TitleChanged) -> TitleRights:
    """Return the title as playback wants to know it."""
    return TitleRights(
        title_id=event.title_id,
        version=event.version,
        published=event.published,
        required_tier=Tier(event.required_tier),
        available_from=event.available_from,
        available_until=event.available_until,
        countries=event.countries,
        audio_languages=event.audio_languages,
        subtitle_languages=event.subtitle_languages,
        playables=[
            PlayableRights(
                each.id,
                each.kind,
                each.duration_seconds,
                _rating(each.maturity_rating),
                decode_id(each.video_asset_id).uuid if each.video_asset_id else None,
            )
            for each in event.playables
        ],
        licences=[
            LicenceTerms(each.countries, each.starts_at, each.ends_at, Tier(each.tier)) for each in event.licences
        ],
    )


def to_projected_title(event: TitleChanged) -> ProjectedTitle:
    """Return the title as activity wants to know it."""
    return ProjectedTitle(
        title_id=event.title_id,
        version=event.version,
        published=event.published,
        maturity_rating=_rating(event.maturity_rating),
        playables=[
            ProjectedPlayable(each.id, each.duration_seconds, _rating(each.maturity_rating)) for each in event.playables
        ],
    )


def to_features(event: TitleChanged) -> TitleFeatures:
    """Return the title as recommendations want to know it."""
    return TitleFeatures(
        title_id=event.title_id,
        version=event.version,
        published=event.published,
        kind=event.kind,
        names=event.names,
        genres=[GenreName(genre.slug, genre.names) for genre in event.genres],
        people=[CreditedPerson(person.id, person.name, person.role) for person in event.people],
        languages=event.audio_languages,
        release_date=event.release_date,
        maturity_rating=_rating(event.maturity_rating),
        required_tier=Tier(event.required_tier),
        available_from=event.available_from,
        available_until=event.available_until,
        countries=event.countries,
    )


def to_plan_notice(event: SubscriptionChanged) -> NotificationRequested:
    """Return what the account reads about the change of its plan, once for each change."""
    return NotificationRequested(
        occurred_at=event.occurred_at,
        kind=NotificationKind.SUBSCRIPTION_STATUS,
        user_id=event.user_id,
        dedup_key=f"subscription:{event.event_id}",
        data={
            "event": event.news.value,
            "plan": event.plan,
            "next_plan": event.next_plan or "",
            "until": shown_date(event.until) if event.until else "",
            **by_language("plan", event.plan_names),
            **by_language("next_plan", event.next_plan_names),
        },
        deep_link="/account/plan",
    )


def to_reminder_notice(event: ReminderDue) -> NotificationRequested:
    """Return what the account reads about a title that one of its profiles waited for, once for each wait."""
    return NotificationRequested(
        occurred_at=event.occurred_at,
        kind=NotificationKind.REMINDER_LIVE,
        user_id=event.user_id,
        dedup_key=f"reminder:{event.profile_id}:{event.title_id}:{event.set_at.isoformat()}",
        data={"title": event.name},
        deep_link=f"/title/{event.slug}",
    )


def to_payment_notice(event: PaymentSettled) -> NotificationRequested:
    """Return what the account reads about a payment, once for each payment."""
    succeeded = event.failure_code is None
    return NotificationRequested(
        occurred_at=event.occurred_at,
        kind=NotificationKind.PAYMENT_SUCCEEDED if succeeded else NotificationKind.PAYMENT_FAILED,
        user_id=event.user_id,
        dedup_key=f"payment:{event.payment_id}",
        data={
            "plan": event.plan,
            "amount": shown_amount(event.amount_minor, event.currency),
            **by_language("plan", event.plan_names),
        },
        deep_link="/account/payments",
    )


def _rating(name: str | None) -> MaturityRating | None:
    return None if name is None else MaturityRating(name)


async def _title_to_playback(services: Services, events: Sequence[TitleChanged]) -> None:
    await services.playback.project_titles([to_rights(event) for event in events])


async def _title_to_activity(services: Services, events: Sequence[TitleChanged]) -> None:
    await services.activity.project_titles([to_projected_title(event) for event in events])


async def _title_to_recommendations(services: Services, events: Sequence[TitleChanged]) -> None:
    await services.recommendations.project_titles([to_features(event) for event in events])


async def _title_to_index(services: Services, events: Sequence[TitleChanged]) -> None:
    if services.index is not None:
        await put_into_index(services, owners_of_titles(events))


async def _documents_to_index(services: Services, events: Sequence[SearchDocumentsChanged]) -> None:
    await put_into_index(services, [owner for event in events for owner in event.owner_ids])


async def _collections_to_index(services: Services, events: Sequence[CollectionChanged]) -> None:
    await put_into_index(services, [decode_id(each.collection_id, "Collection").uuid for each in events])


async def _collections_to_recommendations(services: Services, events: Sequence[CollectionChanged]) -> None:
    await services.recommendations.project_collections(
        [CollectedTitles(each.collection_id, each.version, each.title_ids, is_deleted=each.deleted) for each in events]
    )


async def _trays_to_pages(services: Services, events: Sequence[TraysChanged]) -> None:  # noqa: ARG001  # that there are any is all
    await services.recommendations.drop_boards()


async def _entitlement_to_playback(services: Services, events: Sequence[EntitlementChanged]) -> None:
    await services.playback.project_entitlements(
        [PlaybackEntitlement(each.user_id, each.tier, each.until, each.version) for each in events]
    )


async def _entitlement_to_ads(services: Services, events: Sequence[EntitlementChanged]) -> None:
    await services.ads.project_entitlements(
        [
            AdsEntitlement(user_id=each.user_id, tier=each.tier, until=each.until, version=each.version)
            for each in events
        ]
    )


async def _entitlement_to_recommendations(services: Services, events: Sequence[EntitlementChanged]) -> None:
    await services.recommendations.project_entitlements(
        [
            RecommendationsEntitlement(user_id=each.user_id, tier=each.tier, until=each.until, version=each.version)
            for each in events
        ]
    )


async def _trending_to_catalog(services: Services, events: Sequence[TrendingComputed]) -> None:
    newest = max(events, key=lambda event: event.computed_at)
    async with services.outboxes["catalog"].writing() as session:
        await record_trending(session, newest.ranks, computed_at=newest.computed_at)
    # A database that is too busy for it now is asked again with the next ranks.
    with suppress(ServiceUnavailableError):
        async with services.outboxes["catalog"].writing() as session:
            await choose_prominent(session)


async def _films_to_catalog(services: Services, events: Sequence[AssetUploaded]) -> None:
    async with services.outboxes["catalog"].writing() as session:
        await record_videos(session, [SentVideo(each.asset_id, each.file_name, each.occurred_at) for each in events])


async def _plans_to_users(services: Services, events: Sequence[SubscriptionChanged]) -> None:
    await services.users.notify([to_plan_notice(event) for event in events])


async def _reminders_to_users(services: Services, events: Sequence[ReminderDue]) -> None:
    await services.users.notify([to_reminder_notice(event) for event in events])


async def _payments_to_users(services: Services, events: Sequence[PaymentSettled]) -> None:
    await services.users.notify([to_payment_notice(event) for event in events])


async def _mails_to_users(services: Services, events: Sequence[MailRequested]) -> None:
    await services.users.accept_mails(events)


async def _notices_to_users(services: Services, events: Sequence[NotificationRequested]) -> None:
    await services.users.notify(events)


async def _ends_to_billing(
    services: Services, events: Sequence[AccountDeletionRequested] | Sequence[AccountSuspended]
) -> None:
    await services.billing.stop_renewing([each.user_id for each in events])


async def _deleted_accounts(services: Services, events: Sequence[AccountDeleted]) -> None:
    await forget_accounts(services, [DataSubject(each.user_id, tuple(each.profile_ids)) for each in events])


async def _deleted_profiles_to_playback(services: Services, events: Sequence[ProfileDeleted]) -> None:
    await services.playback.forget_profiles([each.profile_id for each in events])


async def _deleted_profiles_to_catalog(services: Services, events: Sequence[ProfileDeleted]) -> None:
    async with services.outboxes["catalog"].writing() as session:
        await forget_profiles(session, [each.profile_id for each in events])


async def _deleted_profiles_to_activity(services: Services, events: Sequence[ProfileDeleted]) -> None:
    await services.activity.forget_profiles([each.profile_id for each in events])


async def _deleted_profiles_to_recommendations(services: Services, events: Sequence[ProfileDeleted]) -> None:
    await services.recommendations.forget_profiles([each.profile_id for each in events])


async def _choices_to_recommendations(services: Services, events: Sequence[PersonalizationChanged]) -> None:
    await services.recommendations.record_choices(
        [Choice(profile_id=each.profile_id, is_opted_out=each.opted_out, at=each.occurred_at) for each in events]
    )


async def _consents_to_ads(services: Services, events: Sequence[ConsentChanged]) -> None:
    await services.ads.project_targeting_consents(
        [
            TargetingConsent(user_id=each.user_id, is_granted=each.granted, decided_at=each.occurred_at)
            for each in events
            if each.purpose is ConsentPurpose.TARGETED_ADS
        ]
    )


ROUTES: Mapping[str, Route] = {
    route.event.topic: route
    for route in (
        Route(
            TitleChanged,
            {
                "playback": _title_to_playback,
                "activity": _title_to_activity,
                "recommendations": _title_to_recommendations,
                "index": _title_to_index,
            },
        ),
        Route(SearchDocumentsChanged, {"index": _documents_to_index}),
        Route(CollectionChanged, {"recommendations": _collections_to_recommendations, "index": _collections_to_index}),
        Route(TraysChanged, {"recommendations": _trays_to_pages}),
        Route(
            EntitlementChanged,
            {
                "playback": _entitlement_to_playback,
                "ads": _entitlement_to_ads,
                "recommendations": _entitlement_to_recommendations,
            },
        ),
        Route(SubscriptionChanged, {"users": _plans_to_users}),
        Route(ReminderDue, {"users": _reminders_to_users}),
        Route(PaymentSettled, {"users": _payments_to_users}),
        Route(AssetUploaded, {"catalog": _films_to_catalog}),
        Route(TrendingComputed, {"catalog": _trending_to_catalog}),
        Route(MailRequested, {"users": _mails_to_users}),
        Route(NotificationRequested, {"users": _notices_to_users}),
        Route(AccountDeletionRequested, {"billing": _ends_to_billing}),
        Route(AccountSuspended, {"billing": _ends_to_billing}),
        Route(AccountDeleted, {"everyone": _deleted_accounts}),
        Route(
            ProfileDeleted,
            {
                "playback": _deleted_profiles_to_playback,
                "activity": _deleted_profiles_to_activity,
                "catalog": _deleted_profiles_to_catalog,
                "recommendations": _deleted_profiles_to_recommendations,
            },
        ),
        Route(ConsentChanged, {"ads": _consents_to_ads}),
        Route(PersonalizationChanged, {"recommendations": _choices_to_recommendations}),
    )
}
