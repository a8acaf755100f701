"""Who asks: the viewer context that the router signs. Subgraphs trust only this, never a client's header.

The router validates the access token (RS256) and forwards its claims with the request's country and languages in
one short-lived HS256 token; this module checks that token and turns it into a `Viewer`.

Claims of the access token, written by the users subgraph:
  sub user id · pid profile id · scp scopes · jti token id · sid session id · lim maturity limit of the profile ·
  kid whether it is a kids profile · loc the profile's language · aul the languages it listens to, if others than that ·
  sul the language of its subtitles, if it wants any · client_id the app of somebody else that holds it
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ForbiddenError, UnauthenticatedError
from subgraphs.shared.values import MaturityRating, language_tag, locale_chain

VIEWER_CONTEXT_HEADER = "x-viewer-context"
# Not signed: it only ties log lines together, and the signed context then serves many requests of one viewer.
CORRELATION_HEADER = "x-correlation-id"
MAX_CORRELATION_ID_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person and profile behind a request; every field of an anonymous viewer is empty.

    Ids are global ids. `maturity_limit` None means no limit. `client_ip` is the address that the router saw; None in
    calls that come from no client. `client_id` names the app that the viewer allowed to act; None for our own.
    `audio_languages` are what the profile listens to, best first; empty when that is its own language.
    """

    user_id: str | None = None
    profile_id: str | None = None
    scopes: frozenset[str] = frozenset()
    token_id: str | None = None
    session_id: str | None = None
    maturity_limit: MaturityRating | None = None
    is_kids: bool = False
    profile_locale: str | None = None
    accept_locale: str | None = None
    country: str = "IN"
    client_ip: str | None = None
    client_id: str | None = None
    audio_languages: tuple[str, ...] = ()
    subtitle_language: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """True when nobody is signed in."""
        return self.user_id is None

    @property
    def age_limit(self) -> int:
        """The highest age floor in years that the viewer may see: 18 without a limit."""
        return 18 if self.maturity_limit is None else self.maturity_limit.age_floor

    def locales(self, asked: str | None = None) -> tuple[str, ...]:
        """Return the locales to try, best first: the one asked for, the profile's, the browser's, English."""
        return locale_chain(asked, self.profile_locale, self.accept_locale)

    def require_user(self) -> str:
        """Return the user id.

        Raises:
            UnauthenticatedError: Nobody is signed in.
        """
        if self.user_id is None:
            raise UnauthenticatedError
        return self.user_id

    def require_profile(self) -> str:
        """Return the active profile's id.

        Raises:
            UnauthenticatedError: Nobody is signed in.
            ForbiddenError: Signed in, but no profile is chosen yet.
        """
        self.require_user()
        if self.profile_id is None:
            raise ForbiddenError("Choose a profile first (profileSwitch).")
        return self.profile_id


ANONYMOUS = Viewer()


class ViewerContextVerifier:
    """Turns the signed header into a `Viewer`. Verified tokens are remembered until they expire (at most 1,024)."""

    def __init__(self, key: str, *, clock: Clock) -> None:
        self._key = OctKey.import_key(key)
        self._clock = clock
        self._verified: OrderedDict[str, tuple[float, Viewer]] = OrderedDict()

    def verify(self, header: str | None) -> Viewer:
        """Return the viewer; without a header the anonymous one.

        Raises:
            UnauthenticatedError: The header is forged, malformed or expired.
        """
        if not header:
            return ANONYMOUS
        now = self._clock().timestamp()
        known = self._verified.get(header)
        if known is not None and known[0] > now:
            return known[1]
        expires_at, viewer = self._decode(header, now)
        self._verified[header] = (expires_at, viewer)
        if len(self._verified) > 1024:
            self._verified.popitem(last=False)
        return viewer

    def _decode(self, header: str, now: float) -> tuple[float, Viewer]:
        try:
            payload = jwt.decode(header, self._key, algorithms=["HS256"]).claims
            expires_at = float(payload["exp"])
            viewer = _viewer(payload)
        except (JoseError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnauthenticatedError("The viewer context is not valid.") from error
        if expires_at <= now:
            raise UnauthenticatedError("The viewer context has expired.")
        return expires_at, viewer


def _viewer(payload: dict[str, Any]) -> Viewer:
    claims = payload.get("claims") or {}
    limit = claims.get("lim")
    return Viewer(
        user_id=claims.get("sub"),
        profile_id=claims.get("pid"),
        scopes=frozenset(claims.get("scp") or ()),
        token_id=claims.get("jti"),
        session_id=claims.get("sid"),
        maturity_limit=MaturityRating(limit) if limit else None,
        is_kids=bool(claims.get("kid")),
        profile_locale=claims.get("loc"),
        accept_locale=_first_language(payload.get("locale")),
        country=payload.get("country") or "IN",
        client_ip=payload.get("ip"),
        client_id=claims.get("client_id"),
        audio_languages=tuple(claims.get("aul") or ()),
        subtitle_language=claims.get("sul"),
    )


def _first_language(accept_language: str | None) -> str | None:
    """Return the first language of an Accept-Language header; None for none, `*`, or what is no language tag."""
    if not accept_language:
        return None
    return language_tag(accept_language.split(",", 1)[0].split(";", 1)[0].strip())


def sign_viewer_context(payload: dict[str, Any], *, key: str, expires_at: datetime) -> str:
    """Return the header value that the router would send: for tests and tools that call a subgraph directly."""
    return jwt.encode({"alg": "HS256"}, {**payload, "exp": int(expires_at.timestamp())}, OctKey.import_key(key))
