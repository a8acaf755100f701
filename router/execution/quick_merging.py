"""Whether fields under one response key can surely be merged: a part of the quick validation."""

from collections.abc import Mapping

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from router.execution.validation_tables import CompositeType, ValidationTables, not_sure

# A document of fragments in fragments may say very much in few words.
_MAX_MERGES = 5_000


class FieldMerging:
    """The check of the fields of one document. Raises NotSureError for all that cannot surely be merged."""

    def __init__(self, tables: ValidationTables, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._tables = tables
        self._fragments = fragments
        self._merges_left = _MAX_MERGES
        self._merged: set[int] = set()

    def check(self, selection_sets: list[tuple[CompositeType, SelectionSetNode]]) -> None:
        """Check that all fields of the selection sets, which stand at one position, can be merged."""
        fields: dict[str, list[tuple[CompositeType, FieldNode]]] = {}
        visited: set[str] = set()
        for parent, selection_set in selection_sets:
            self._collect(parent, selection_set, fields, visited)
        for same in fields.values():
            parent, node = same[0]
            if len(same) > 1:
                self._same(same)
                below = [
                    (inner, other.selection_set)
                    for where, other in same
                    if other.selection_set is not None
                    if (inner := where.fields[other.name.value].below) is not None
                ]
                if below:
                    self.check(below)
            elif node.selection_set is not None and id(node.selection_set) not in self._merged:
                self._merged.add(id(node.selection_set))
                inner_type = parent.fields[node.name.value].below
                assert inner_type is not None
                self.check([(inner_type, node.selection_set)])

    def _collect(
        self,
        parent: CompositeType,
        selection_set: SelectionSetNode,
        fields: dict[str, list[tuple[CompositeType, FieldNode]]],
        visited: set[str],
    ) -> None:
        self._merges_left -= len(selection_set.selections)
        if self._merges_left < 0:
            not_sure()
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                known = fields.get(key)
                if known is None:
                    fields[key] = [(parent, selection)]
                else:
                    known.append((parent, selection))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = parent if condition is None else self._tables.composite(condition.name.value)
                self._collect(inner, selection.selection_set, fields, visited)
            else:
                assert isinstance(selection, FragmentSpreadNode)
                if selection.name.value not in visited:
                    visited.add(selection.name.value)
                    fragment = self._fragments[selection.name.value]
                    condition_type = self._tables.composite(fragment.type_condition.name.value)
                    self._collect(condition_type, fragment.selection_set, fields, visited)

    @staticmethod
    def _same(fields: list[tuple[CompositeType, FieldNode]]) -> None:
        parent, first = fields[0]
        name = first.name.value
        for other_parent, other in fields[1:]:
            if other.name.value != name or (other.arguments or ()) != (first.arguments or ()):
                not_sure()
            if name == "__typename" or other_parent is parent:
                continue
            one, two = parent.fields[name], other_parent.fields[name]
            if one.type_text != two.type_text and (
                one.below is None or two.below is None or one.wrapping != two.wrapping
            ):
                not_sure()
