"""The users subgraph's schema, and how its refusals become members of AuthResult."""

from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.refusals import AsMember
from subgraphs.shared.graphql.schema import FederatedSchema
from subgraphs.users import errors
from subgraphs.users.mutations import Mutation
from subgraphs.users.queries import Query
from subgraphs.users.types import AccountSuspended, InvalidCredentials, Profile, TokenInvalid, User

schema = FederatedSchema(
    query=Query,
    mutation=Mutation,
    types=[User, Profile, InputError],
    exception_handlers=[
        AsMember(errors.InvalidCredentialsError, InvalidCredentials),
        AsMember(errors.AccountSuspendedError, AccountSuspended),
        AsMember(
            errors.TokenInvalidError, TokenInvalid, details=lambda error: {"reuse_detected": error.reuse_detected}
        ),
    ],
)
