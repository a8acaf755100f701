"""Links to previews: whoever has one sees what it names until it ends, and nothing else that is not published.

A link's token says which drafts are seen, when, where and by whom, and when it ends. It is signed for this purpose
alone, so neither it nor another signed address of ours serves for the other. Nothing of it is stored: a link is ended
before its time by archiving the title, or for all links at once by another signing key.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.values import MaturityRating, Tier

LONGEST_HOURS = 168
_LONGEST_TOKEN = 4_000


@dataclass(frozen=True, slots=True)
class PreviewTerms:
    """What is seen, and as whom. `at` None is whenever somebody looks, `limit` None a profile without one."""

    drafts: tuple[UUID, ...]
    at: datetime | None
    country: str
    limit: MaturityRating | None
    tier: Tier

    @property
    def age_limit(self) -> int:
        """The highest age floor in years that is seen."""
        return 18 if self.limit is None else self.limit.age_floor


def token_of(terms: PreviewTerms, *, expires_at: datetime, key: str) -> str:
    """Return the token of a link that ends at that moment."""
    body = orjson.dumps(
        {
            "drafts": [each.hex for each in terms.drafts],
            "at": terms.at,
            "country": terms.country,
            "limit": terms.limit.value if terms.limit else None,
            "tier": terms.tier.value,
            "until": int(expires_at.timestamp()),
        }
    )
    text = _text(body)
    return f"{text}.{_signature(text, key)}"


def terms_of(token: str, *, now: datetime, key: str) -> PreviewTerms:
    """Return what the token of a link lets somebody see.

    Raises:
        ForbiddenError: It is none of ours, or its end has come.
    """
    body = _signed_body(token, key)
    facts: dict[str, Any] = orjson.loads(body) if body is not None else {"until": 0}
    if now.timestamp() >= facts["until"]:
        raise ForbiddenError("The link is none of ours, or it has ended.")
    return PreviewTerms(
        drafts=tuple(map(UUID, facts["drafts"])),
        at=datetime.fromisoformat(facts["at"]) if facts["at"] else None,
        country=facts["country"],
        limit=MaturityRating(facts["limit"]) if facts["limit"] else None,
        tier=Tier(facts["tier"]),
    )


def _signed_body(token: str, key: str) -> bytes | None:
    body, _, signature = token.partition(".")
    if len(token) > _LONGEST_TOKEN or not hmac.compare_digest(signature.encode(), _signature(body, key).encode()):
        return None
    return urlsafe_b64decode(body + "=" * (-len(body) % 4))


def _signature(body: str, key: str) -> str:
    return _text(hmac.new(key.encode(), f"catalog-preview:{body}".encode(), hashlib.sha256).digest())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
