"""CompiledExecution: the one line by which a Strawberry schema adopts compiled execution, and the switch."""

import os
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from compiled_execution.engine import CompiledOperations

if TYPE_CHECKING:
    from strawberry import Schema
else:
    Schema = object

SWITCH = "COMPILED_EXECUTION"


class CompiledExecution(Schema):
    """Mixin before a Strawberry schema class. Extensions, parsing and validation stay Strawberry's.

    `COMPILED_EXECUTION=off` in the environment when the schema is first used, or `compiled_operations = None` in the
    class, leaves everything to graphql-core.
    """

    @cached_property
    def compiled_operations(self) -> CompiledOperations | None:
        """The compiled operations with their statistics; None when compiled execution is off."""
        if os.environ.get(SWITCH, "on").lower() in {"off", "0", "false", "no"}:
            return None
        return None if self.config.enable_experimental_incremental_execution else CompiledOperations(self)

    def _get_execute_function(self) -> Callable[..., Any]:
        """Strawberry's hook: what executes an operation that was parsed and validated."""
        fallback = super()._get_execute_function()
        operations = self.compiled_operations
        return fallback if operations is None else partial(operations.execute, fallback)
