"""Inputs and outcomes of registration and of changes to an account."""

import strawberry

from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.users.types.entities import User


@strawberry.type(description="What a password must have. `register` names what is missing by these fields' names.")
class PasswordPolicy:
    min_length: int = strawberry.field(description="Fewest characters.")
    max_bytes: int = strawberry.field(description="Most bytes in UTF-8; longer passwords are refused, never cut.")
    require_upper: bool = strawberry.field(description="Whether it needs an upper-case letter.")
    require_lower: bool = strawberry.field(description="Whether it needs a lower-case letter.")
    require_digit: bool = strawberry.field(description="Whether it needs a digit.")
    require_special: bool = strawberry.field(description="Whether it needs a character that is no letter or digit.")


@strawberry.input(description="A new account.")
class RegisterInput:
    email: str = strawberry.field(description="Address; its case does not matter.")
    password: str = strawberry.field(description="See `passwordPolicy`.")
    locale: Locale | None = strawberry.field(
        default=None, description="Language of the account and its first profile; the browser's unless given."
    )
    idempotency_key: strawberry.ID | None = strawberry.field(
        default=None, description="Text of your choice; repeating the request with it returns the same account."
    )


@strawberry.type(description="Outcome of `register`.")
class RegisterPayload:
    user: User | None = strawberry.field(description="The account; null when it was refused.")
    verification_required: bool = strawberry.field(
        description="Whether the address must be confirmed before signing in."
    )
    registration_secret: str | None = strawberry.field(
        default=None,
        description="Keep it on this device for `emailVerify`: it proves that who confirms the address is who chose "
        "the password. Null when it was refused, and once the address is confirmed.",
    )
    errors: list[UserError] = strawberry.field(description="What to mend; empty when the account was made.")


@strawberry.input(description="What an account is to be. What is left out or null stays as it is.")
class AccountInput:
    email: str | None = strawberry.field(
        default=None, description="New address; counts once it is confirmed with `emailVerify`."
    )
    account_password: str | None = strawberry.field(
        default=None, description="The password; needed for a new address, unless the account has none."
    )
    locale: Locale | None = strawberry.field(default=None, description="Language of letters to the account.")


@strawberry.type(description="Outcome of changing an account.")
class AccountPayload:
    account: User | None = strawberry.field(description="The account as it is now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
