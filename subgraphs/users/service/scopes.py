"""Which scopes the tokens of each role carry, from the permission matrix."""

from collections.abc import Iterable

from subgraphs.users.models import Role
from subgraphs.users.service.permissions import PERMISSIONS

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    role: frozenset(row.scope for row in PERMISSIONS if role is Role.ADMIN or role in row.roles) for role in Role
}


def scopes_of(roles: Iterable[str]) -> list[str]:
    """Return the scopes of all the roles together, sorted."""
    return sorted(frozenset[str]().union(*(ROLE_SCOPES[Role(role)] for role in roles)))
