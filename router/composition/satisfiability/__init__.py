"""x"""
from router.composition.errors import Report
from router.composition.model import MergedSchema
def check_satisfiability(schema: MergedSchema, *, report: Report) -> None: ...
