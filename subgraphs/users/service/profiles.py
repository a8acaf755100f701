"""Profiles: what a profile may be, and how many an account may have."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.postgres import WriteSession
from subgraphs.shared.values import MaturityRating
from subgraphs.users.config import MAX_AUDIO_LANGUAGES, MAX_PROFILES, PROFILE_NAME_MAX_LENGTH
from subgraphs.users.errors import (
    AccountRefusalError,
    AvatarUrlInvalidError,
    KidsLimitTooHighError,
    LastProfileError,
    NameInvalidError,
    ProfileLimitReachedError,
    RefusedError,
    TooManyLanguagesError,
)
from subgraphs.users.models import Profile
from subgraphs.users.repository import accounts

KIDS_LIMIT = MaturityRating.UA_7
_NOT_YOURS = "This profile does not belong to your account."
_URL_MAX_LENGTH = 2048
_ZERO_WIDTH_NON_JOINER = "\u200c"
_ZERO_WIDTH_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """The columns of a profile that a request names; what it does not name stays as it is."""

    values: dict[str, Any] = field(default_factory=dict)


async def create_profile(
    session: WriteSession, user_id: UUID, changes: ProfileChanges, *, default_language: str, now: datetime
) -> Profile:
    """Return the new profile of the account.

    Without a language it gets the default one, without audio languages its own language, and as a kids profile
    without a limit UA_7.

    Raises:
        RefusedError: Everything wrong with the input, or the account has five profiles already.
    """
    values: dict[str, Any] = {
        "avatar_url": None,
        "maturity_limit": None,
        "is_kids": False,
        "language": default_language,
        "subtitle_language": None,
        **changes.values,
    }
    values.setdefault("audio_languages", [values["language"]])
    if values["is_kids"] and "maturity_limit" not in changes.values:
        values["maturity_limit"] = KIDS_LIMIT
    faults = _faults({"name": None, **values})
    if faults:
        raise RefusedError(*faults)
    await accounts.lock_user(session, user_id)
    if await accounts.count_profiles(session, user_id) >= MAX_PROFILES:
        raise RefusedError(ProfileLimitReachedError())
    profile = Profile(user_id=user_id, created_at=now, **_cleaned(values))
    await accounts.add_profile(session, profile)
    return profile


async def update_profile(session: WriteSession, user_id: UUID, profile_id: UUID, changes: ProfileChanges) -> Profile:
    """Return the profile after the changes. One that becomes a kids profile and has no limit gets UA_7.

    Tokens issued before keep the old limit: whoever changes it outdates them, see `Sessions.outdate`.

    Raises:
        ForbiddenError: No profile of this account.
        RefusedError: Everything wrong with the input.
    """
    profile = await accounts.own_profile_for_update(session, profile_id, viewer=user_id)
    if profile is None:
        raise ForbiddenError(_NOT_YOURS)
    values = dict(changes.values)
    becomes_kids = values.get("is_kids", False) and not profile.is_kids
    if becomes_kids and "maturity_limit" not in values and profile.maturity_limit is None:
        values["maturity_limit"] = KIDS_LIMIT
    faults = _faults({**profile.model_dump(), **values})
    if faults:
        raise RefusedError(*faults)
    return await accounts.update_profile(session, profile_id, _cleaned(values)) if values else profile


async def delete_profile(session: WriteSession, user_id: UUID, profile_id: UUID) -> None:
    """Delete the profile. A token that names it stays good for its account and shows no profile.

    Raises:
        ForbiddenError: No profile of this account.
        RefusedError: It is the only one.
    """
    await accounts.lock_user(session, user_id)
    left = await accounts.count_profiles(session, user_id) - 1
    if not await accounts.delete_profile(session, profile_id, viewer=user_id):
        raise ForbiddenError(_NOT_YOURS)
    if left < 1:
        # Raising rolls the deletion back.
        raise RefusedError(LastProfileError())


async def set_pin(session: WriteSession, user_id: UUID, profile_id: UUID, pin_hash: str | None) -> None:
    """Have the profile ask for the PIN of the hash, or for none.

    Raises:
        ForbiddenError: No profile of this account.
    """
    if await accounts.own_profile_for_update(session, profile_id, viewer=user_id) is None:
        raise ForbiddenError(_NOT_YOURS)
    await accounts.update_profile(session, profile_id, {"pin_hash": pin_hash})


def _faults(values: dict[str, Any]) -> list[AccountRefusalError]:
    """Return everything wrong with a profile as it would be stored."""
    name = (values["name"] or "").strip()
    limit: MaturityRating | None = values["maturity_limit"]
    avatar_url: str | None = values["avatar_url"]
    faults: list[AccountRefusalError] = []
    if not 1 <= len(name) <= PROFILE_NAME_MAX_LENGTH or not _is_readable(name):
        faults.append(NameInvalidError())
    if avatar_url is not None and not _is_web_url(avatar_url):
        faults.append(AvatarUrlInvalidError())
    if values["is_kids"] and (limit is None or limit.age_floor > KIDS_LIMIT.age_floor):
        faults.append(KidsLimitTooHighError())
    if len(values["audio_languages"]) > MAX_AUDIO_LANGUAGES:
        faults.append(TooManyLanguagesError())
    return faults


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    cleaned = dict(values)
    if "name" in cleaned:
        cleaned["name"] = cleaned["name"].strip()
    if "audio_languages" in cleaned:
        cleaned["audio_languages"] = list(dict.fromkeys(cleaned["audio_languages"]))
    return cleaned


def _is_readable(name: str) -> bool:
    """Whether the name shows something and holds no control character; Hindi and emoji need the two joiners."""
    shown = name.replace(_ZERO_WIDTH_JOINER, "").replace(_ZERO_WIDTH_NON_JOINER, "")
    return bool(shown.strip()) and shown.isprintable()


def _is_web_url(url: str) -> bool:
    if len(url) > _URL_MAX_LENGTH or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
