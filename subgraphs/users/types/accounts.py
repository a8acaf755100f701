"""Inputs and outcomes of registration and of changes to an account."""

import strawberry

from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.users.types.entities import User
from subgraphs.users.types.privacy import ConsentInput


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
    consents: list[ConsentInput] = strawberry.field(
        default_factory=list,
        description="What the person agreed to, with the versions of the texts; kept with the account.",
    )
    state_code: str | None = strawberry.field(
        default=None, description="State or union territory of India in two letters, for invoices: `MH`."
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
    phone: str | None = strawberry.field(
        default=None,
        description="Mobile number in place of the one before; without a country code, one of the country of the "
        "request.",
    )
    phone_code: str | None = strawberry.field(
        default=None, description="The code that `otpRequest` sent to the number; needed for a number."
    )
    account_password: str | None = strawberry.field(
        default=None, description="The password; needed for a new address or number, unless the account has none."
    )
    locale: Locale | None = strawberry.field(default=None, description="Language of letters to the account.")
    state_code: str | None = strawberry.field(
        default=None, description="State or union territory of India in two letters, for invoices: `MH`."
    )


@strawberry.type(description="Outcome of changing an account.")
class AccountPayload:
    account: User | None = strawberry.field(description="The account as it is now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
