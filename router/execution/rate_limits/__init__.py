"""How often somebody may ask for what.

classes   which root fields belong to which class, and what an operation is charged
windows   sliding windows: the port, and one in this process's memory
shared    sliding windows in Valkey, which all routers share
limiter   whose window an operation is charged to, and what happens when the shared ones are out of reach
"""

from router.execution.rate_limits.classes import Charge, RateClass, RateClasses
from router.execution.rate_limits.limiter import RATE_LIMITED, Caller, RateLimitedError, RateLimiter
from router.execution.rate_limits.shared import SharedWindows
from router.execution.rate_limits.windows import LocalWindows, Take, Windows, WindowsUnavailableError

__all__ = [
    "RATE_LIMITED",
    "Caller",
    "Charge",
    "LocalWindows",
    "RateClass",
    "RateClasses",
    "RateLimitedError",
    "RateLimiter",
    "SharedWindows",
    "Take",
    "Windows",
    "WindowsUnavailableError",
]
