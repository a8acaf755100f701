"""Which languages a viewing begins in: those chosen in the title last, else the profile's, else the title's."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.playback.models.contents import Contents
from subgraphs.playback.models.rows import ChosenTracks, Rights
from subgraphs.shared.identity import Viewer

_UNKNOWN = "mis"  # what encoding calls the language of sound whose file does not say


@dataclass(frozen=True, slots=True)
class Defaults:
    """Languages to begin with. `audio` None when nobody knows what there is; `subtitle` None for none."""

    audio: str | None
    subtitle: str | None


def audio_languages(contents: Contents, rights: Rights) -> Sequence[str]:
    """Return what can be heard: what the stream has; where its file did not say, what the catalogue says."""
    known = [track.language for track in contents.audio_tracks if track.language != _UNKNOWN]
    return known or rights.audio_languages


def subtitle_languages(contents: Contents, rights: Rights) -> Sequence[str]:
    """Return what can be read, without what is shown to everybody anyway."""
    if contents.renditions:
        return [track.language for track in contents.subtitle_tracks if not track.is_forced]
    return rights.subtitle_languages


def choose_defaults(contents: Contents, rights: Rights, viewer: Viewer, *, chosen: ChosenTracks | None) -> Defaults:
    """Return the languages to begin with; only such as there are.

    A profile that asks for no subtitles gets them all the same where it understands no sound of the title.
    """
    heard, read = audio_languages(contents, rights), subtitle_languages(contents, rights)
    if chosen is not None and chosen.audio in heard and (chosen.subtitle is None or chosen.subtitle in read):
        return Defaults(chosen.audio, chosen.subtitle)
    spoken = [each for each in (*viewer.audio_languages, viewer.profile_locale, viewer.accept_locale) if each]
    understood = _first_of(spoken, heard)
    subtitle = _first_of([viewer.subtitle_language], read)
    if subtitle is None and spoken and understood is None:
        subtitle = _first_of(viewer.locales(), read)
    return Defaults(understood or _first_of(rights.audio_languages, heard) or next(iter(heard), None), subtitle)


def _first_of(wanted: Sequence[str | None], available: Sequence[str]) -> str | None:
    """Return the first that there is; where there is no `hi-Latn`, `hi` is as good."""
    for tag in wanted:
        if tag is not None:
            found = next((each for each in (tag, tag.split("-", 1)[0]) if each in available), None)
            if found is not None:
                return found
    return None
