"""Which scopes each role carries. A table: adding a permission is adding a word here."""

from collections.abc import Iterable

from subgraphs.users.models import Role

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.USER: frozenset(),
    Role.CREATOR: frozenset({"cms:read", "cms:create", "cms:edit", "media:read", "media:write"}),
    Role.REVIEWER: frozenset({"cms:read", "cms:review", "media:read"}),
    Role.PUBLISHER: frozenset(
        {"cms:read", "cms:publish", "cms:rights", "cms:curate", "curate:read", "curate:write", "sports:write"}
    ),
    Role.ANALYST: frozenset({"analytics:read", "exp:read", "ads:read"}),
    Role.SUPPORT: frozenset({"users:read", "users:write", "billing:read", "billing:refund"}),
    Role.AD_OPS: frozenset({"ads:read", "ads:write"}),
    Role.ADMIN: frozenset(
        {
            *("ads:read", "ads:write", "analytics:read", "audit:read"),
            *("billing:pricing", "billing:read", "billing:refund", "billing:write"),
            *("cms:archive", "cms:bulk", "cms:create", "cms:curate", "cms:edit", "cms:edit_any"),
            *("cms:publish", "cms:read", "cms:review", "cms:rights"),
            *("curate:read", "curate:write", "exp:read", "exp:write", "media:read", "media:write"),
            *("notify:write", "sports:write", "users:read", "users:roles", "users:write", "webhooks:write"),
        }
    ),
}


def scopes_of(roles: Iterable[str]) -> list[str]:
    """Return the scopes of all the roles together, sorted."""
    return sorted(frozenset[str]().union(*(ROLE_SCOPES[Role(role)] for role in roles)))
