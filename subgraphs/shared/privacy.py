"""Of whom data are kept: what every subgraph's service is asked to export or to forget."""

from dataclasses import dataclass
from typing import Any

Records = dict[str, list[dict[str, Any]]]
"""Part of an export: rows under the name of what they are, with the fields that docs/data-map.md lists."""


@dataclass(frozen=True, slots=True)
class DataSubject:
    """An account and all profiles that it has or had, as global ids."""

    user_id: str
    profile_ids: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """Every id under which something may be kept."""
        return [self.user_id, *self.profile_ids]


def all_ids(subjects: list[DataSubject]) -> list[str]:
    """Return every id of all of them."""
    return [each for subject in subjects for each in subject.ids]
