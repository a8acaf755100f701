"""Which objects of the response tree can be structs: their fields are the client's, in the client's order.

Such an object is decoded, looked into, completed by other fetches and written as it is; nothing has to be projected.
Its fields have the types that the API schema promises. A field that nobody brought is null, or holds `MISSING`, which
cannot be written.

Objects become structs where one fetch brings all of a position's and what is below can be structs, too. Where the
client asks for objects of several types that answer differently, `__typename` has to come first, as msgspec writes it.
Values that only other fetches want to see are in hidden fields, which are emptied before the response is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from graphql import GraphQLOutputType, get_named_type, is_leaf_type

from router.execution.client_selections import ClientSelections, InternalPath, ObjectType
from router.execution.client_spots import ClientSpots, Spot
from router.execution.described_types import (
    ANYTHING,
    TYPE_NAME,
    TYPE_NAME_KEY,
    Described,
    attribute,
    class_of,
    one_name_of,
    one_of,
    struct,
    wrapped,
)
from router.execution.fetch_notes import FetchNotes
from router.planning.plan import PathStep

# A class for each type costs more than dictionaries where there are very many.
_MOST_TYPES = 16

Fields = dict[str, Described]


@dataclass(frozen=True, slots=True)
class Struct:
    """One kind of structs.

    Attributes:
        hidden: Keys of those fields that are not the client's.
    """

    described: Described
    fields: Fields
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What the objects of a position are.

    Attributes:
        described: Their type.
        steps: Lead from the root to all of them.
        structs: Each that they may be, by the name of their type if that tells them apart.
    """

    described: Described
    steps: tuple[PathStep, ...]
    structs: Mapping[str | None, "Struct"]

    @property
    def is_tagged(self) -> bool:
        """Whether their type tells which struct they are."""
        return None not in self.structs

    def classes(self, types: tuple[str, ...] | None = None, key: str | None = None) -> list[type[msgspec.Struct]]:
        """Return the classes of objects with one of the types that hold a key."""
        return [
            class_of(each.described)
            for name, each in self.structs.items()
            if (types is None or name is None or name in types) and (key is None or key in each.fields)
        ]

    def names(self) -> dict[type[msgspec.Struct], str | None]:
        """Return the name of the type by class."""
        return {class_of(each.described): name for name, each in self.structs.items()}

    def holds(self, key: str) -> bool:
        """Whether any of the structs has a field for the key."""
        return any(key in each.fields for each in self.structs.values())


Forms = Mapping[InternalPath, Form]
NO_FORMS: Forms = {}


def read(form: Form | None, variable: str, key: str, *, constant: str) -> str:
    """Return the expression that reads a key of an object of a form; None is a dictionary.

    Args:
        form: Of the object.
        variable: Holds the object.
        key: To be read.
        constant: How the code calls the key.
    """
    return f"{variable}.get({constant})" if form is None else f"{variable}.{attribute(key)}"


class FormFinder:
    """Finds the forms of an operation's positions.

    Attributes:
        known: Those found so far; None are dictionaries.
    """

    def __init__(self, selections: ClientSelections, notes: FetchNotes, spots: ClientSpots) -> None:
        self._selections = selections
        self._notes = notes
        self._spots = spots
        self.known: dict[InternalPath, Form | None] = {}

    def form(self, spot: Spot) -> Form | None:
        """Return the form of the objects at a position."""
        path = spot.path
        if path not in self.known:
            self.known[path] = self._form(spot, path)
        return self.known[path]

    def found(self) -> dict[InternalPath, Form]:
        """Return the positions that hold structs."""
        return {path: form for path, form in self.known.items() if form is not None}

    def _form(self, spot: Spot, path: InternalPath) -> Form | None:
        bringers = self._notes.bringers.get(path, ())
        if not path or path in self._notes.opened or len(bringers) != 1 or not spot.types:
            return None
        brings_name = not self._notes.bringers.get((*path, TYPE_NAME_KEY), set()).isdisjoint(bringers)
        if spot.abstract is None:
            return self._one_struct(spot, spot.types[0], hides_name=False)
        stand_in = self._selections.stand_in(spot.abstract, spot.selection_sets)
        if stand_in is not None:
            return self._one_struct(spot, stand_in, hides_name=brings_name)
        return self._tagged_structs(spot) if brings_name and len(spot.types) <= _MOST_TYPES else None

    def _one_struct(self, spot: Spot, type_: ObjectType, *, hides_name: bool) -> Form | None:
        fields = self._fields(spot, type_)
        keys_read = set().union(*(self._notes.keys_read(spot.path, each.name) for each in spot.types))
        if (
            fields is None
            or not self._is_alike(spot, type_)
            or (TYPE_NAME_KEY in fields and TYPE_NAME_KEY in keys_read)
        ):
            return None
        hidden = sorted((keys_read | {TYPE_NAME_KEY} if hides_name else keys_read) - fields.keys())
        for key in hidden:
            fields[key] = one_name_of(each.name for each in spot.types) if key == TYPE_NAME_KEY else ANYTHING
        described = struct(type_.name, fields.items())
        return Form(described, spot.steps, {None: Struct(described, fields, tuple(hidden))})

    def _is_alike(self, spot: Spot, stand_in: ObjectType) -> bool:
        """Return whether the fields of all types have the types that those of the stand-in have."""
        answered = {nodes[0].name.value for nodes in self._selections.fields(stand_in, spot.selection_sets).values()}
        return all(
            str(type_.fields[name].type) == str(stand_in.fields[name].type)
            for type_ in spot.types
            for name in answered - {TYPE_NAME_KEY}
        )

    def _tagged_structs(self, spot: Spot) -> Form | None:
        structs: dict[str | None, Struct] = {}
        for type_ in spot.types:
            fields = self._fields(spot, type_)
            if fields is None or next(iter(fields), None) != TYPE_NAME_KEY:
                return None
            del fields[TYPE_NAME_KEY]
            hidden = sorted(self._notes.keys_read(spot.path, type_.name) - {TYPE_NAME_KEY} - fields.keys())
            fields.update(dict.fromkeys(hidden, ANYTHING))
            described = struct(type_.name, fields.items(), is_tagged=True)
            structs[type_.name] = Struct(described, fields, tuple(hidden))
        return Form(one_of(each.described for each in structs.values()), spot.steps, structs)

    def _fields(self, spot: Spot, type_: ObjectType) -> Fields | None:
        """Return the client's fields of an object, None if they cannot be those of a struct."""
        fields: Fields = {}
        for key, nodes in self._selections.fields(type_, spot.selection_sets).items():
            name = nodes[0].name.value
            if name == TYPE_NAME_KEY:
                fields[key] = TYPE_NAME
                continue
            described = self._described(spot, key, type_.fields[name].type) if key != TYPE_NAME_KEY else None
            if described is None:
                return None
            fields[key] = described
        return fields

    def _described(self, spot: Spot, key: str, type_: GraphQLOutputType) -> Described | None:
        named = get_named_type(type_)
        if is_leaf_type(named):
            return wrapped(type_, named)
        field = self._spots.field(spot, key)
        below = self._spots.below(spot, key)
        form = self.form(below) if below is not None else None
        return wrapped(field[0], form.described) if form is not None and field is not None else None
