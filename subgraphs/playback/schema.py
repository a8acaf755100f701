"""The playback subgraph's schema, and how its refusals become members of result unions."""

from subgraphs.playback import errors, types
from subgraphs.playback.mutations import Mutation
from subgraphs.playback.queries import Query
from subgraphs.playback.subscriptions import Subscription
from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.refusals import AsMember
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[types.Title, types.Playable, types.PlaybackSession, types.VideoAsset, InputError],
    exception_handlers=[
        AsMember(errors.LoginRequiredError, types.LoginRequired),
        AsMember(
            errors.UpgradeRequiredError,
            types.UpgradeRequired,
            details=lambda error: {"required_tier": error.required_tier},
        ),
        AsMember(errors.GeoBlockedError, types.GeoBlocked, details=lambda error: {"country": error.country}),
        AsMember(errors.MaturityBlockedError, types.MaturityBlocked, details=lambda error: {"rating": error.rating}),
        AsMember(
            errors.NotYetAvailableError,
            types.NotYetAvailable,
            details=lambda error: {"available_from": error.available_from},
        ),
        AsMember(errors.TitleExpiredError, types.TitleExpired),
        AsMember(errors.TitleNotAvailableError, types.TitleNotAvailable),
        AsMember(errors.SessionEndedError, types.SessionEnded),
    ],
)
