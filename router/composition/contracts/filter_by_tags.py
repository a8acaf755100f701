"""Which elements of a supergraph a contract's tags leave out. They are marked `@inaccessible`."""

from collections.abc import Iterable

from router.composition.merged_model import MergedSchema, MergedType
from router.composition.model import AppliedDirective, Element, Kind


def filter_by_tags(schema: MergedSchema, *, include: frozenset[str], exclude: frozenset[str]) -> None:
    """Hide what has a tag of `exclude`, and, unless `include` is empty, the fields and unions that have none of it."""
    for merged in schema.types.values():
        if _tags(merged) & exclude:
            hide(merged)
            continue
        _hide_excluded(_inputs_and_values(merged), exclude)
        is_included = not include or bool(_tags(merged) & include)
        if merged.kind is Kind.UNION and not is_included:
            hide(merged)
        for field in merged.fields.values():
            if _tags(field) & exclude or not (is_included or _tags(field) & include):
                hide(field)
        if _is_empty(merged):
            hide(merged)
    for directive in schema.executable_directives.values():
        _hide_excluded(directive.arguments.values(), exclude)


def hide(element: Element) -> None:
    """Mark an element `@inaccessible`, unless it is."""
    if not element.uses("inaccessible"):
        element.directives.append(AppliedDirective("inaccessible"))


def _tags(element: Element) -> set[str]:
    return {applied.text("name") or "" for applied in element.all_applied("tag")}


def _hide_excluded(elements: Iterable[Element], exclude: frozenset[str]) -> None:
    for element in elements:
        if _tags(element) & exclude:
            hide(element)


def _inputs_and_values(merged: MergedType) -> list[Element]:
    arguments = [argument for field in merged.fields.values() for argument in field.arguments.values()]
    return [*merged.inputs.values(), *merged.values.values(), *arguments]


def _is_empty(merged: MergedType) -> bool:
    """Whether the type had contents, and all of them are hidden. Members of a union are types of their own."""
    contents: list[Element] = [*merged.fields.values(), *merged.inputs.values(), *merged.values.values()]
    return bool(contents) and all(element.uses("inaccessible") for element in contents)
