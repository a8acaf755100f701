"""How much work a plan may take: steps, the same every time, and seconds, which guard the requests of others."""

from __future__ import annotations

from collections.abc import Callable

from router.errors import QueryPlanningBudgetExceededError

STEP_BUDGET = 50_000
"""Outcomes and choices tried per operation; a home page needs a few hundred."""

TIME_BUDGET_SECONDS = 5.0
"""Far above what the steps take on a machine that is not overloaded."""

_STEPS_BETWEEN_LOOKS = 64


class Budget:
    """What is left of the steps and the time for one operation.

    Args:
        steps: Upper bound of the work.
        seconds: Upper bound of the time from now on.
        clock: Seconds that only grow.
    """

    def __init__(self, *, steps: int, seconds: float, clock: Callable[[], float]) -> None:
        self._steps = steps
        self._seconds = seconds
        self._clock = clock
        self._deadline = clock() + seconds
        self.steps_taken = 0

    def spend_step(self) -> None:
        """Count one step.

        Raises:
            QueryPlanningBudgetExceededError: It was one too many, or came too late.
        """
        self.steps_taken += 1
        if self.steps_taken > self._steps:
            raise QueryPlanningBudgetExceededError(budget=self._steps, unit="steps")
        # Looking at the clock costs as much as a small step.
        if self.steps_taken % _STEPS_BETWEEN_LOOKS == 0 and self._clock() > self._deadline:
            raise QueryPlanningBudgetExceededError(budget=self._seconds, unit="seconds")
