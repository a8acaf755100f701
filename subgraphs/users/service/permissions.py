"""The permission matrix: who may do what beyond watching, as data.

A permission is a scope: the word in access tokens, in `@requiresScopes` and in the checks of services. Each row says
which roles hold it; ADMIN holds all. `service/scopes.py` turns the rows into what a role's tokens carry.

A Creator may edit titles of its own only, unless it holds `cms:edit_any`; the service that knows the owner sees to it.
"""

from dataclasses import dataclass

from subgraphs.users.models import Role


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the matrix. `roles` are those beside ADMIN."""

    scope: str
    means: str
    roles: frozenset[Role]


def _row(scope: str, means: str, *roles: Role) -> Permission:
    return Permission(scope, means, frozenset(roles))


PERMISSIONS: tuple[Permission, ...] = (
    # Titles
    _row("cms:read", "See drafts, states and versions", Role.CREATOR, Role.REVIEWER, Role.PUBLISHER),
    _row("cms:create", "Make titles and hand them in for review", Role.CREATOR),
    _row("cms:edit", "Change one's own titles", Role.CREATOR),
    _row("cms:edit_any", "Change titles of others"),
    _row("cms:review", "Approve titles or send them back", Role.REVIEWER),
    _row("cms:publish", "Publish, schedule and withdraw titles", Role.PUBLISHER),
    _row("cms:archive", "Archive titles and bring them back"),
    _row("cms:rights", "Keep rights windows", Role.PUBLISHER),
    _row("cms:curate", "Keep collections", Role.PUBLISHER),
    _row("cms:bulk", "Change and import many titles at once"),
    _row("media:read", "See uploads and encodings", Role.CREATOR, Role.REVIEWER),
    _row("media:write", "Upload and encode", Role.CREATOR),
    _row("sports:write", "Keep scores", Role.PUBLISHER),
    _row("curate:read", "See the rows of pages", Role.PUBLISHER),
    _row("curate:write", "Arrange the rows of pages", Role.PUBLISHER),
    # Figures
    _row("analytics:read", "Read figures", Role.ANALYST),
    _row("exp:read", "See experiments and models", Role.ANALYST),
    _row("exp:write", "Run experiments and train models"),
    # Advertising
    _row("ads:read", "See campaigns and reports", Role.ANALYST, Role.AD_OPS),
    _row("ads:write", "Keep campaigns and creatives", Role.AD_OPS),
    # Money
    _row("billing:read", "See payments", Role.SUPPORT),
    _row("billing:refund", "Refund payments", Role.SUPPORT),
    _row("billing:write", "Keep plans and coupons, grant access"),
    _row("billing:pricing", "Set somebody's price"),
    # People
    _row("users:read", "Find accounts and look at them", Role.SUPPORT),
    _row("users:write", "Suspend, reactivate and unlock accounts", Role.SUPPORT),
    _row("users:roles", "Give and take roles"),
    _row("grievances:write", "Read complaints and decide them", Role.SUPPORT),
    _row("notify:write", "Announce something to many"),
    _row("webhooks:write", "Keep the addresses of webhooks"),
    _row("audit:read", "Read the audit log"),
)
