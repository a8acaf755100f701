"""When a process that died is started again. Pure arithmetic: whoever asks passes the times in."""

QUICK_DEATH_SECONDS = 10.0
"""A process that lived shorter than this did not get going."""
QUICK_DEATHS_ALLOWED = 5
_FIRST_DELAY_SECONDS = 0.25
_LONGEST_DELAY_SECONDS = 8.0


class RestartPolicy:
    """Counts the quick deaths of one process in a row."""

    def __init__(self) -> None:
        self._quick_deaths = 0

    def after_death(self, *, lived_seconds: float) -> float | None:
        """Return how many seconds to wait before the next start; None when it is not worth another try.

        The wait doubles with every quick death in a row; a process that ran for a while starts at once.
        """
        if lived_seconds >= QUICK_DEATH_SECONDS:
            self._quick_deaths = 0
            return 0.0
        self._quick_deaths += 1
        if self._quick_deaths > QUICK_DEATHS_ALLOWED:
            return None
        return float(min(_FIRST_DELAY_SECONDS * 2 ** (self._quick_deaths - 1), _LONGEST_DELAY_SECONDS))
