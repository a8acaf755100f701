"""Registration, and proving an address."""

import secrets
from typing import Annotated

import strawberry

from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    EmailInvalidError,
    EmailTakenError,
    InvalidCredentialsError,
    RefusedError,
    StateCodeInvalidError,
)
from subgraphs.users.events import MailKind
from subgraphs.users.models import AuditAction, TokenPurpose
from subgraphs.users.mutations.opening import attempt, sign_in_within
from subgraphs.users.mutations.sessions import check_guess
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import (
    Registration,
    check_registration,
    normalise_email,
    register,
    secret_of_registrant,
)
from subgraphs.users.service.privacy import consents
from subgraphs.users.service.privacy.consents import Decision
from subgraphs.users.service.states import normalise_state_code
from subgraphs.users.service.verification import ask_for_letter, letter_to, owner_of_proof, prove_address, send_token
from subgraphs.users.types import (
    AuthResult,
    AuthTokens,
    RegisterInput,
    RegisterPayload,
    User,
)
from subgraphs.users.types.devices import DeviceInput

RegisterArgument = Annotated[RegisterInput, strawberry.argument(description="The new account.")]
LetterToken = Annotated[str, strawberry.argument(description="The token of the newest letter; good once, for a day.")]
RegistrationSecret = Annotated[
    str | None, strawberry.argument(description="What `register` returned to who chose the password.")
]
KnownPassword = Annotated[
    str | None,
    strawberry.argument(description="The account's password, where the registration secret is not at hand."),
]
Address = Annotated[str, strawberry.argument(description="Address of the account.")]
DeviceArgument = Annotated[DeviceInput | None, strawberry.argument(description="What is signed in on.")]


@strawberry.type
class AccountMutations:
    """Fields of Mutation about accounts."""

    @strawberry.mutation(
        description="Make an account with its first profile. It can be used once its address is confirmed with the "
        "token of the letter that was sent there: `emailVerify`."
    )
    async def register(self, info: Info, input: RegisterArgument) -> RegisterPayload:
        context = info.context
        try:
            user = await _register(context, input)
        except RefusedError as error:
            if any(isinstance(refusal, EmailTakenError) for refusal in error.refusals):
                await context.record_failure(AuditAction.REGISTER, error.refusals[0].cause)
            return RegisterPayload(user=None, verification_required=False, errors=input_errors(error))
        return RegisterPayload(
            user=User.of(user),
            verification_required=not user.email_verified,
            registration_secret=None if user.email_verified else secret_of_registrant(context.personal_data, user),
            errors=[],
        )

    @strawberry.mutation(
        description="Confirm an address with the token that was written to it, and sign in. Send `registrationSecret` "
        "or `password` along: without either, the password that somebody chose at registration is void, and the owner "
        "of the address sets a new one with `passwordChange`. A new address, see `accountUpdate`, is confirmed by who "
        "is signed in or knows the password, and by nobody else."
    )
    async def email_verify(
        self,
        info: Info,
        token: LetterToken,
        *,
        registration_secret: RegistrationSecret = None,
        password: KnownPassword = None,
        device: DeviceArgument = None,
    ) -> AuthResult:
        context = info.context
        async with attempt(context, AuditAction.EMAIL_VERIFY):
            known, is_registrant = await _who_confirms(context, token, registration_secret, password)
            return await _confirm(context, token, known, device, is_registrant=is_registrant)

    @strawberry.mutation(
        description="Write the letter that confirms an address once more, at most once a minute. The answer does not "
        "tell whether the address has an account."
    )
    async def email_verification_resend(self, info: Info, email: Address) -> OkPayload:
        await send_letter(info.context, email, TokenPurpose.EMAIL_VERIFICATION, AuditAction.EMAIL_VERIFY)
        return OkPayload(ok=True)


async def send_letter(context: Context, email: str, purpose: TokenPurpose, action: AuditAction) -> None:
    """Write a token to the address if it belongs to an account; the same statements are made if it does not."""
    try:
        address = normalise_email(email)
    except EmailInvalidError:
        address = None
    async with context.database.writing() as session:
        user = await ask_for_letter(session, address, purpose, sealer=context.personal_data, now=context.now)
        subject = encode_id("User", user.id) if user else None
        await audit.record(session, action, origin=context.origin, now=context.now, subject=subject)


async def _register(context: Context, request: RegisterInput) -> models.User:
    """Return the account that the request makes, or made before."""
    decisions = [Decision(each.purpose, each.granted, each.version) for each in request.consents]
    consents.check(decisions)
    registration = Registration(
        email=check_registration(request.email, request.password),
        state_code=_state(request.state_code),
        locale=request.locale or context.viewer.locales()[0],
        idempotency_key=request.idempotency_key,
    )
    password_hash = await context.hasher.hash(request.password)
    async with context.database.writing() as session:
        user, is_new = await register(session, registration, password_hash=password_hash, now=context.now)
        if is_new:
            await consents.decide(session, user.id, decisions, now=context.now)
            await send_letter_with_token(
                session, context, user, TokenPurpose.EMAIL_VERIFICATION, email=registration.email
            )
            subject = encode_id("User", user.id)
            await audit.record(session, AuditAction.REGISTER, origin=context.origin, now=context.now, subject=subject)
    if not is_new and not await context.hasher.verify(request.password, user.password_hash):
        # Only who made the account may see it again by repeating the request.
        raise RefusedError(EmailTakenError())
    return user


async def _who_confirms(
    context: Context, token: str, registration_secret: str | None, password: str | None
) -> tuple[models.User, bool]:
    """Return the account of the token, and whether who brings it proved to be the one who made the account.

    Raises:
        TokenInvalidError: The token is not good.
        InvalidCredentialsError: The password is wrong; or nothing proves that a new address is wanted by the account.
        AccountLockedError: Too many wrong passwords.
    """
    async with context.database.reading() as session:
        user, is_new_address = await owner_of_proof(session, token, now=context.now)
    if password is not None:
        await check_guess(context, user, password, subject=context.attempts.subject_of_account(user))
        return user, True
    if is_new_address:
        # Else whoever reads that address would land in an account that somebody else can get into as well.
        if context.loaders.viewer_id != user.id:
            raise InvalidCredentialsError
        return user, True
    expected = secret_of_registrant(context.personal_data, user)
    given = (registration_secret or "").encode("utf-8", "surrogatepass")
    return user, secrets.compare_digest(expected.encode(), given)


async def _confirm(
    context: Context, token: str, known: models.User, device: DeviceInput | None, *, is_registrant: bool
) -> AuthTokens:
    async with context.database.writing() as session:
        proven = await prove_address(
            session, token, known, is_registrant=is_registrant, origin=context.origin, now=context.now
        )
        if proven.was_adopted:
            await context.sessions.revoke_all(proven.user.id, now=context.now)
        if proven.former_email is not None:
            letter = letter_to(
                proven.user,
                MailKind.EMAIL_CHANGED,
                email=proven.former_email,
                dedup_key=f"email-changed:{proven.user.id}:{context.now.isoformat()}",
                now=context.now,
                data={"at": context.now.isoformat()},
            )
            await publish(session, [letter])
        return await sign_in_within(session, context, proven.user, device, action=AuditAction.EMAIL_VERIFY)


def _state(text: str | None) -> str | None:
    try:
        return normalise_state_code(text) if text is not None else None
    except StateCodeInvalidError as error:
        raise RefusedError(error) from error


async def send_letter_with_token(
    session: WriteSession, context: Context, user: models.User, purpose: TokenPurpose, *, email: str
) -> None:
    """Write a new token to the address, unless one was written within the minute."""
    await send_token(session, user, purpose, email=email, sealer=context.personal_data, now=context.now)
