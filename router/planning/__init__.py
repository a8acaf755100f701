"""Planning: a validated client operation and a supergraph become a query plan.

Pure functions of their inputs. No input or output, no composition, no execution. `plan_operation.py` is the table of
contents.
"""

from router.planning.plan import QueryPlan
from router.planning.plan_operation import plan_operation
from router.planning.print_plan import plan_as_json, print_plan

__all__ = ["QueryPlan", "plan_as_json", "plan_operation", "print_plan"]
