"""Who asks, and what a password must have."""

import strawberry

from subgraphs.shared.graphql.scalars import CountryCode, Locale
from subgraphs.users import config
from subgraphs.users.context import Info
from subgraphs.users.types import PasswordPolicy, Viewer


@strawberry.type
class ViewerQueries:
    """Fields of Query that anyone may ask."""

    @strawberry.field(description="Who asks: account, active profile, country and language of the request.")
    def viewer(self, info: Info) -> Viewer | None:
        viewer = info.context.viewer
        return Viewer(
            is_anonymous=viewer.is_anonymous,
            country=CountryCode(viewer.country),
            locale=Locale(viewer.locales()[0]),
        )

    @strawberry.field(description="What a password must have.")
    def password_policy(self) -> PasswordPolicy | None:
        return PasswordPolicy(
            min_length=config.PASSWORD_MIN_LENGTH,
            max_bytes=config.PASSWORD_MAX_BYTES,
            require_upper=True,
            require_lower=True,
            require_digit=True,
            require_special=True,
        )
