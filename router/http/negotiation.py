"""Which media type the client gets: JSON in one of its two types, server-sent events or the GraphiQL page."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"

# Clients send a handful of different values, again and again.
_REMEMBERED = 256


@lru_cache(maxsize=_REMEMBERED)
def response_type(accept: str | None) -> str | None:
    """Return the media type for a GraphQL response, or None if the client accepts neither.

    Where the client has no preference it gets `application/json`, which every client reads.
    """
    if not accept or not accept.strip():
        return JSON
    best, best_quality = None, 0.0
    for candidate in (JSON, GRAPHQL_RESPONSE):
        quality = _quality(accept, candidate)
        if quality > best_quality:
            best, best_quality = candidate, quality
    if best == JSON and _specific(accept, GRAPHQL_RESPONSE) and not _specific(accept, JSON):
        best = GRAPHQL_RESPONSE  # named by the client, and no worse than a wildcard
    return best


@lru_cache(maxsize=_REMEMBERED)
def prefers_page(accept: str | None) -> bool:
    """Return whether the client wants HTML rather than JSON: a browser that opens an address."""
    if not accept or not _specific(accept, HTML):
        return False
    quality = _quality(accept, HTML)
    return quality > 0 and all(
        quality >= _quality(accept, other) for other in (JSON, GRAPHQL_RESPONSE) if _specific(accept, other)
    )


@lru_cache(maxsize=_REMEMBERED)
def takes_events(accept: str | None) -> bool:
    """Return whether the client says that it can read server-sent events."""
    return bool(accept) and _specific(accept or "", EVENTS)


@lru_cache(maxsize=_REMEMBERED)
def prefers_events(accept: str | None) -> bool:
    """Return whether the client wants server-sent events for whatever it asks, not only for subscriptions."""
    if not takes_events(accept):
        return False
    quality = _quality(accept or "", EVENTS)
    return all(
        quality > _quality(accept or "", other) for other in (JSON, GRAPHQL_RESPONSE) if _specific(accept or "", other)
    )


@lru_cache(maxsize=_REMEMBERED)
def is_json(content_type: str | None) -> bool:
    """Return whether a request body is JSON in UTF-8."""
    if content_type is None:
        return False
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip('"') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    return media_type == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def _quality(accept: str, candidate: str) -> float:
    """Return the quality that the most specific matching range gives, 0 if none matches (RFC 9110, 12.5.1)."""
    family = candidate.partition("/")[0] + "/*"
    found: dict[str, float] = {}
    for media_range, quality in _ranges(accept):
        found.setdefault(media_range, quality)
    for media_range in (candidate, family, "*/*"):
        if media_range in found:
            return found[media_range]
    return 0.0


def _specific(accept: str, candidate: str) -> bool:
    return any(media_range == candidate and quality > 0 for media_range, quality in _ranges(accept))


def _ranges(accept: str) -> list[tuple[str, float]]:
    ranges = []
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value)
        ranges.append((media_range, quality))
    return ranges


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
