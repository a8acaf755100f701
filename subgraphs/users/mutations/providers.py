"""Signing in with Google or Facebook, and linking them to an account."""

from typing import Annotated

import strawberry

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.graphql.payloads import InputError, OkPayload
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import InvalidGrantError, ProviderNotLinkedError, RefusedError
from subgraphs.users.models import AuditAction, IdentityProvider
from subgraphs.users.mutations.opening import attempt, sign_in
from subgraphs.users.mutations.support import input_errors, profile_manager
from subgraphs.users.service import audit, providers
from subgraphs.users.types import AuthResult
from subgraphs.users.types.signin import ProviderLogin, ProviderLoginInput, ProviderLoginStartInput

StartArgument = Annotated[ProviderLoginStartInput, strawberry.argument(description="The sign-in that begins.")]
BackArgument = Annotated[ProviderLoginInput, strawberry.argument(description="The person who came back.")]
ProviderArgument = Annotated[IdentityProvider, strawberry.argument(description="The provider to unlink.")]


@strawberry.type
class ProviderMutations:
    """Fields of Mutation about sign-in providers."""

    @strawberry.mutation(
        description="Begin to sign in at a provider, or, when signed in already, to link it with `identityLink`."
    )
    async def provider_login_start(self, info: Info, input: StartArgument) -> ProviderLogin:
        context = info.context
        begun = await context.ways.providers.begin(
            input.provider,
            redirect_uri=input.redirect_uri,
            code_challenge=input.code_challenge,
            user_id=None if context.viewer.is_anonymous else context.require_user(),
            now=context.now,
        )
        return ProviderLogin.of(begun)

    @strawberry.mutation(
        description="Sign in as the person who came back from a provider. An unknown person is linked to the account "
        "of the address that the provider vouches for, or gets a new account with it."
    )
    async def login_with_provider(self, info: Info, input: BackArgument) -> AuthResult:
        context = info.context
        async with attempt(context, AuditAction.PROVIDER_LOGIN):
            person = await context.ways.providers.finish(_back(input), user_id=None, now=context.now)
            async with context.database.writing() as session:
                found = await providers.account_of(
                    session,
                    input.provider,
                    person,
                    locale=context.viewer.locales()[0],
                    origin=context.origin,
                    now=context.now,
                )
            if found.was_adopted:
                await context.sessions.revoke_all(found.user.id, now=context.now)
            return await sign_in(context, found.user, input.device, action=AuditAction.PROVIDER_LOGIN)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Let the person who came back from a provider sign in to the own account from now on.",
    )
    async def identity_link(self, info: Info, input: BackArgument) -> OkPayload:
        context = info.context
        user_id = profile_manager(context)
        try:
            person = await context.ways.providers.finish(_back(input), user_id=user_id, now=context.now)
            async with context.database.writing() as session:
                await providers.link(session, user_id, input.provider, person, now=context.now)
                await _record(session, context, AuditAction.IDENTITY_LINK, after=input.provider)
        except (InvalidGrantError, ProviderNotLinkedError) as error:
            return _refused(error)
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Let the person at the provider no longer sign in to the own account; the last way in stays.",
    )
    async def identity_unlink(self, info: Info, provider: ProviderArgument) -> OkPayload:
        context = info.context
        user_id = profile_manager(context)
        try:
            async with context.database.writing() as session:
                await providers.unlink(session, user_id, provider)
                await _record(session, context, AuditAction.IDENTITY_UNLINK, before=provider)
        except RefusedError as error:
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)


async def _record(
    session: WriteSession,
    context: Context,
    action: AuditAction,
    *,
    before: IdentityProvider | None = None,
    after: IdentityProvider | None = None,
) -> None:
    change = audit.Change("identity", before.value if before else None, after.value if after else None)
    await audit.record(
        session,
        action,
        origin=context.origin,
        now=context.now,
        subject=context.viewer.require_user(),
        changes=[change],
    )


def _back(request: ProviderLoginInput) -> providers.Return:
    return providers.Return(
        provider=request.provider,
        code=request.code,
        code_verifier=request.code_verifier,
        redirect_uri=request.redirect_uri,
        state=request.state,
    )


def _refused(error: ReelgraphError) -> OkPayload:
    return OkPayload(ok=False, errors=[InputError(code=error.cause, message=error.message)])
