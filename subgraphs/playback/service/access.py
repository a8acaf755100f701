"""May this viewer play it? One pure function answers for lists, buttons and the start of a stream alike.

The order of the checks is the order in which a refusal helps the viewer: where they are, when it is, who they are,
what they pay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from subgraphs.playback.errors import (
    GeoBlockedError,
    LoginRequiredError,
    MaturityBlockedError,
    NotYetAvailableError,
    PlaybackRefusedError,
    TitleExpiredError,
    TitleNotAvailableError,
    UpgradeRequiredError,
)
from subgraphs.playback.models.rows import ActiveTier, Licence, Rights
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import UNRATED_AGE_FLOOR, Quality, Tier, age_floor


class AccessReason(Enum):
    """Why something plays, or why it does not."""

    FREE = "FREE"
    SUBSCRIPTION = "SUBSCRIPTION"
    LOGIN_REQUIRED = "LOGIN_REQUIRED"
    UPGRADE_REQUIRED = "UPGRADE_REQUIRED"
    GEO_BLOCKED = "GEO_BLOCKED"
    MATURITY_BLOCKED = "MATURITY_BLOCKED"
    NOT_AVAILABLE_YET = "NOT_AVAILABLE_YET"
    EXPIRED = "EXPIRED"
    NOT_AVAILABLE = "NOT_AVAILABLE"


_PLAYS = frozenset({AccessReason.FREE, AccessReason.SUBSCRIPTION})
_FREE_QUALITY = Quality.P720
_PREMIUM_QUALITY = Quality.P1080


@dataclass(slots=True)  # not frozen: that triples what making one for each title of a page takes
class AccessDecision:
    """The answer. `max_quality` is None when it does not play.

    `expires_at` is the next moment at which the answer may change by itself, None when no such moment is known.
    """

    reason: AccessReason
    max_quality: Quality | None = None
    with_ads: bool = False
    expires_at: datetime | None = None

    @property
    def can_play(self) -> bool:
        """Whether the viewer may play it now."""
        return self.reason in _PLAYS


def decide_access(licence: Licence, viewer: Viewer, *, now: datetime) -> AccessDecision:
    """Return whether and how the viewer may play it now.

    Windows are half-open: playable at `available_from`, no more at `available_until`. Anonymous viewers play free
    titles with ads, but nothing for adults; unrated counts as that.
    """
    rights = licence.rights
    if rights is None:
        return AccessDecision(AccessReason.NOT_AVAILABLE)
    rights = rights.under_terms_of(viewer.country, now=now)
    refused = _place_and_time(rights, viewer, now) or _maturity(rights, viewer)
    if refused is not None:
        return refused
    is_premium_viewer = _holds_premium(licence.entitlement, now) and not viewer.is_anonymous
    if rights.required_tier is Tier.PREMIUM and not is_premium_viewer:
        reason = AccessReason.LOGIN_REQUIRED if viewer.is_anonymous else AccessReason.UPGRADE_REQUIRED
        return AccessDecision(reason, expires_at=rights.available_until)
    if not rights.asset_qualities:
        return AccessDecision(AccessReason.NOT_AVAILABLE)
    allowed = _PREMIUM_QUALITY if is_premium_viewer else _FREE_QUALITY
    subscription_end = licence.entitlement.until if is_premium_viewer and licence.entitlement else None
    return AccessDecision(
        AccessReason.SUBSCRIPTION if rights.required_tier is Tier.PREMIUM else AccessReason.FREE,
        max_quality=_best(rights.asset_qualities, allowed),
        # No ads for those who pay, and none for children.
        with_ads=not is_premium_viewer and not viewer.is_kids,
        expires_at=_earliest(rights.available_until, subscription_end),
    )


def _place_and_time(rights: Rights, viewer: Viewer, now: datetime) -> AccessDecision | None:
    if rights.countries is not None and viewer.country not in rights.countries:
        return AccessDecision(AccessReason.GEO_BLOCKED)
    if rights.available_from is not None and now < rights.available_from:
        return AccessDecision(AccessReason.NOT_AVAILABLE_YET, expires_at=rights.available_from)
    if rights.available_until is not None and now >= rights.available_until:
        return AccessDecision(AccessReason.EXPIRED)
    return None


def _maturity(rights: Rights, viewer: Viewer) -> AccessDecision | None:
    floor = age_floor(rights.maturity_rating)
    if floor > viewer.age_limit:
        return AccessDecision(AccessReason.MATURITY_BLOCKED)
    if viewer.is_anonymous and floor >= UNRATED_AGE_FLOOR:
        return AccessDecision(AccessReason.LOGIN_REQUIRED, expires_at=rights.available_until)
    return None


def _holds_premium(entitlement: ActiveTier | None, now: datetime) -> bool:
    if entitlement is None or entitlement.tier is not Tier.PREMIUM:
        return False
    return entitlement.until is None or now < entitlement.until


def _best(qualities: Sequence[Quality], allowed: Quality) -> Quality:
    """Return the best of the qualities, at most the one that is allowed."""
    best = qualities[0]
    for quality in qualities:
        if quality.height > best.height:
            best = quality
    return best if best.height < allowed.height else allowed


def _earliest(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second)


def refusal_of(decision: AccessDecision, rights: Rights | None, viewer: Viewer) -> PlaybackRefusedError:
    """Return the error that says what a refusing decision says, with its data."""
    if rights is None:
        return TitleNotAvailableError()
    makers: dict[AccessReason, Callable[[], PlaybackRefusedError]] = {
        AccessReason.LOGIN_REQUIRED: LoginRequiredError,
        AccessReason.UPGRADE_REQUIRED: lambda: UpgradeRequiredError(Tier.PREMIUM),
        AccessReason.GEO_BLOCKED: lambda: GeoBlockedError(viewer.country),
        AccessReason.MATURITY_BLOCKED: lambda: MaturityBlockedError(rights.maturity_rating),
        AccessReason.NOT_AVAILABLE_YET: lambda: NotYetAvailableError(decision.expires_at),
        AccessReason.EXPIRED: TitleExpiredError,
        AccessReason.NOT_AVAILABLE: TitleNotAvailableError,
    }
    return makers[decision.reason]()
