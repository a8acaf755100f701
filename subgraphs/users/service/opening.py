"""Opening a session: how every way to sign in ends, so that devices, notices and lists are the same for all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.shared.values import DeviceType
from subgraphs.users.errors import DeviceInvalidError, TokenInvalidError
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import Device, Profile, User
from subgraphs.users.repository import accounts, devices
from subgraphs.users.service.accounts import check_may_sign_in
from subgraphs.users.service.sessions import Sessions, TokenPair
from subgraphs.users.service.tokens import Grant
from subgraphs.users.service.verification import letter_to

LONGEST_CLIENT_ID = 100
LONGEST_DEVICE_NAME = 100
LONGEST_AGENT = 300
_BROWSER = "Browser"


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a client says of the device that it runs on."""

    client_id: str
    type: DeviceType
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in: the device, as far as the client tells, and what the router saw of the request."""

    device: DeviceFacts | None = None
    agent: str | None = None
    country: str = "IN"
    ip_hash: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """Tokens, and what they are for."""

    tokens: TokenPair
    user: User
    profile: Profile | None


async def open_session(
    session: WriteSession,
    sessions: Sessions,
    user: User,
    *,
    place: Place,
    now: datetime,
    profile_id: UUID | None = None,
    grant: Grant | None = None,
    proven_at: datetime | None = None,
) -> OpenedSession:
    """Return the tokens of a new session of somebody who proved to be the account's owner.

    The wanted profile is active, else the first one without a PIN; none when all have one. A device that the account
    was never signed in on is told to the owner, unless the account is signed in to for the first time. `proven_at` is
    when the owner proved it, unless that is now.

    Raises:
        AccountSuspendedError: The account may not be used.
        TokenInvalidError: Its password or status changed while the proof was checked; or all its sessions were ended
            after the proof.
        DeviceInvalidError: The client tells of a device without an id, or at too great length.
    """
    check_may_sign_in(user)
    device = _device(user.id, place, now=now)
    device_id, is_new = await devices.see_device(session, device)
    if is_new and user.last_login_at is not None and user.email is not None:
        await publish(session, [_new_device(user, user.email, device, now=now)])
    if not await accounts.record_login(session, user, at=now):
        raise TokenInvalidError
    user.last_login_at = now
    profile = opening_profile((await accounts.profiles_of_users(session, [user.id]))[user.id], wanted=profile_id)
    tokens = await sessions.open(user, profile, now=now, device_id=device_id, ip_hash=place.ip_hash, grant=grant)
    if proven_at is not None and await sessions.is_closed_since(user.id, proven_at):
        await sessions.revoke(tokens.refresh_token.partition(".")[0], user_id=user.id, now=now)
        raise TokenInvalidError
    return OpenedSession(tokens, user, profile)


def opening_profile(profiles: Sequence[Profile], *, wanted: UUID | None = None) -> Profile | None:
    """Return the profile to begin with: the wanted one, else the oldest that asks for no PIN; None when all do."""
    for profile in profiles:
        if profile.id == wanted:
            return profile
    return next((profile for profile in profiles if profile.pin_hash is None), None)


def _device(user_id: UUID, place: Place, *, now: datetime) -> Device:
    """Return the device as it would be stored; one of which the client tells nothing is known by its User-Agent."""
    agent = place.agent[:LONGEST_AGENT] if place.agent else None
    facts = place.device
    if facts is None:
        digest = hashlib.sha256((agent or "").encode("utf-8", "surrogatepass")).hexdigest()
        facts = DeviceFacts(client_id=f"agent:{digest[:32]}", type=DeviceType.WEB)
    name = (facts.name or "").strip() or _named_by(agent)
    # Printable: a name stands in letters, where a line of its own could say anything.
    is_readable = facts.client_id.isprintable() and name.isprintable()
    if not 1 <= len(facts.client_id) <= LONGEST_CLIENT_ID or len(name) > LONGEST_DEVICE_NAME or not is_readable:
        raise DeviceInvalidError
    return Device(
        user_id=user_id,
        client_id=facts.client_id,
        name=name,
        type=facts.type,
        agent=agent,
        country=place.country,
        ip_hash=place.ip_hash,
        first_seen_at=now,
        last_seen_at=now,
    )


_PROGRAMS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "okhttp", "curl", "python-httpx")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Tizen", "Web0S", "Linux")
_READABLE = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "Web0S": "webOS"}


def _named_by(agent: str | None) -> str:
    """Return program and system of a User-Agent in words: `Firefox on Windows`."""
    program = next((word for word in _PROGRAMS if word in (agent or "")), None)
    system = next((word for word in _SYSTEMS if word in (agent or "")), None)
    shown = _READABLE.get(program, program) if program else _BROWSER
    return f"{shown} on {_READABLE.get(system, system)}" if system else shown


def _new_device(user: User, email: str, device: Device, *, now: datetime) -> MailRequested:
    data = {"device": device.name, "at": now.isoformat()}
    return letter_to(user, MailKind.NEW_DEVICE, email=email, dedup_key=f"new-device:{device.id}", now=now, data=data)
