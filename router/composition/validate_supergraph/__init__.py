"""x"""
from router.composition.errors import Report
from router.composition.model import MergedSchema
def validate_supergraph(schema: MergedSchema, *, report: Report) -> None: ...
