"""Declares what answers lasting objects keep between requests: the decorators of compiled execution, for all rooms."""

from compiled_execution import keeps_answers, lasting

__all__ = ["keeps_answers", "lasting"]
