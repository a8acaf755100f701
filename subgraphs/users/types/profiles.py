"""Inputs and outcomes of managing profiles."""

import strawberry

from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL, Locale
from subgraphs.shared.values import MaturityRating
from subgraphs.users.models import QualityPreference
from subgraphs.users.types.entities import Profile


@strawberry.input(description="What a profile is to be. In an update, fields that are left out stay as they are.")
class ProfileInput:
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 50 characters; needed for a new profile."
    )
    avatar_url: URL | None = strawberry.field(
        default=strawberry.UNSET, description="Picture, an http or https URL; null removes it."
    )
    maturity_limit: MaturityRating | None = strawberry.field(
        default=strawberry.UNSET, description="Highest rating to show; null removes the limit."
    )
    is_kids: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Makes it a kids profile; its limit is UA_7 unless U is given."
    )
    language: Locale | None = strawberry.field(default=strawberry.UNSET, description="Language of names and texts.")
    audio_languages: list[Locale] | None = strawberry.field(
        default=strawberry.UNSET, description="Languages to listen to, best first; at most 10."
    )
    subtitle_language: Locale | None = strawberry.field(
        default=strawberry.UNSET, description="Subtitles to show; null shows none."
    )
    preferred_quality: QualityPreference | None = strawberry.field(
        default=strawberry.UNSET, description="How good the picture is to be."
    )
    autoplay_next: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the next episode begins by itself."
    )
    autoplay_previews: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether previews play while browsing."
    )
    skip_intros: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether intros are skipped without asking."
    )
    personalization_opt_out: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Objects to recommendations made from what the profile did; rows are then the same for everyone.",
    )


@strawberry.type(description="Outcome of creating or changing a profile.")
class ProfilePayload:
    profile: Profile | None = strawberry.field(description="The profile as it is now; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
