"""The signed viewer context: forged, expired or odd ones execute nothing."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from subgraphs.shared.errors import ForbiddenError, UnauthenticatedError
from subgraphs.shared.identity import ANONYMOUS, Viewer, ViewerContextVerifier, sign_viewer_context
from subgraphs.shared.values import MaturityRating

KEY = "k" * 32
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PAYLOAD: dict[str, Any] = {
    "claims": {
        "sub": "user",
        "pid": "profile",
        "scp": ["cms:read"],
        "jti": "token",
        "sid": "session",
        "lim": "UA_7",
        "kid": True,
        "loc": "hi",
        "aul": ["hi", "ta"],
        "sul": "en",
    },
    "country": "NP",
    "locale": "ta;q=0.9, en",
}


class Verifier:
    """A verifier whose clock a test can turn."""

    def __init__(self, key: str = KEY) -> None:
        self.now = NOW
        self.verifier = ViewerContextVerifier(key, clock=lambda: self.now)

    def verify(self, header: str | None) -> Viewer:
        return self.verifier.verify(header)


def signed(payload: dict[str, Any] = PAYLOAD, *, key: str = KEY, lifetime: timedelta = timedelta(minutes=1)) -> str:
    return sign_viewer_context(payload, key=key, expires_at=NOW + lifetime)


def test_a_signed_context_names_the_viewer() -> None:
    assert Verifier().verify(signed()) == Viewer(
        user_id="user",
        profile_id="profile",
        scopes=frozenset({"cms:read"}),
        token_id="token",
        session_id="session",
        maturity_limit=MaturityRating.UA_7,
        is_kids=True,
        profile_locale="hi",
        accept_locale="ta",
        country="NP",
        audio_languages=("hi", "ta"),
        subtitle_language="en",
    )


def test_without_a_context_or_claims_the_viewer_is_anonymous() -> None:
    verifier = Verifier()

    assert verifier.verify(None) is ANONYMOUS
    assert verifier.verify("") is ANONYMOUS
    assert verifier.verify(signed({"country": "NP", "claims": None, "locale": "*"})) == Viewer(country="NP")


def unsigned(payload: dict[str, Any]) -> str:
    parts = ('{"alg":"none"}', str(payload).replace("'", '"'))
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def other_algorithm() -> str:
    return jwt.encode(
        {"alg": "HS512"}, {"exp": NOW.timestamp() + 60}, OctKey.import_key("k" * 64), algorithms=["HS512"]
    )


def tampered() -> str:
    header, _payload, signature = signed().split(".")
    _header, payload, _signature = signed({"claims": {"sub": "admin"}}).split(".")
    return f"{header}.{payload}.{signature}"


@pytest.mark.requirement("ST-01")
@pytest.mark.parametrize(
    "header",
    [
        "x",
        "a.b.c",
        "é.é.é",
        signed(key="another key of 32 characters ...."),
        unsigned({"exp": 9999999999}),
        other_algorithm(),
        tampered(),
        signed({"claims": {"lim": "PG-13"}}),
        signed({"claims": "admin"}),
    ],
)
def test_what_the_router_did_not_sign_is_refused(header: str) -> None:
    with pytest.raises(UnauthenticatedError, match="not valid"):
        Verifier().verify(header)


def test_a_context_expires_also_after_it_was_seen() -> None:
    verifier = Verifier()
    header = signed()
    assert verifier.verify(header).user_id == "user"

    verifier.now = NOW + timedelta(minutes=1)

    with pytest.raises(UnauthenticatedError, match="expired"):
        verifier.verify(header)


def test_a_context_without_an_end_is_refused() -> None:
    header = jwt.encode({"alg": "HS256"}, {"claims": {"sub": "user"}}, OctKey.import_key(KEY))

    with pytest.raises(UnauthenticatedError):
        Verifier().verify(header)


def test_seen_contexts_do_not_pile_up() -> None:
    verifier = Verifier()

    for number in range(1100):
        verifier.verify(signed({"locale": str(number)}))

    assert len(verifier.verifier._verified) == 1024


def test_what_needs_a_person_or_a_profile_says_so() -> None:
    with pytest.raises(UnauthenticatedError):
        ANONYMOUS.require_user()
    with pytest.raises(UnauthenticatedError):
        ANONYMOUS.require_profile()
    with pytest.raises(ForbiddenError, match="Choose a profile"):
        Viewer(user_id="user").require_profile()
    assert Viewer(user_id="user", profile_id="profile").require_profile() == "profile"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("HI-in;q=0.9, en", "hi-IN"),
        ("hi-Latn", "hi-Latn"),
        ("EN", "en"),
        ("../../etc", None),
        ("zz-%00", None),
        ("\u00e9", None),
        ("e" * 5000, None),
        ("en-" + "-".join(["abcdefgh"] * 5), None),
        ("*, hi", None),
        ("", None),
    ],
)
def test_only_a_language_tag_is_taken_for_the_browsers_language(header: str, language: str | None) -> None:
    assert Verifier().verify(signed({**PAYLOAD, "locale": header})).accept_locale == language


def test_the_best_language_is_the_one_asked_for_then_the_profiles_then_the_browsers() -> None:
    viewer = Viewer(profile_locale="hi-Latn", accept_locale="ta")

    assert viewer.locales("mr") == ("mr", "hi-Latn", "hi", "ta", "en")
    assert ANONYMOUS.locales() == ("en",)
