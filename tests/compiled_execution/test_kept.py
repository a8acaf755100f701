"""Answers that are kept with their objects: found again where nothing can differ, and made anew in all other cases."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry

from compiled_execution import CompiledExecution, CompiledOperations, keeps_answers, lasting


@dataclass
class Reader:
    """The context: who asks, and what was called for them."""

    language: str = "en"
    name: str = "Asha"


calls: Counter[str] = Counter()


@keeps_answers(by=lambda reader: reader.language)
@strawberry.type
class Book:
    id: strawberry.ID
    pages: int | None
    tags: list[str]

    @strawberry.field
    @lasting
    def name(self, info: strawberry.Info[Reader, None], length: int | None = 3) -> str:
        calls["name"] += 1
        return f"{self.id} in {info.context.language}, {length}"

    @strawberry.field
    @lasting
    def echoed(self, word: str | None = None) -> int:
        calls["echoed"] += 1
        return len(word or "")

    @strawberry.field
    @lasting
    def scaled(self, by: float = 1.0) -> float:
        calls["scaled"] += 1
        return by

    @strawberry.field
    @lasting
    def broken(self) -> str | None:
        calls["broken"] += 1
        raise ValueError("broken")

    @strawberry.field
    @lasting
    def sequels(self) -> "list[Book]":
        calls["sequels"] += 1
        return [book("sequel")]

    @strawberry.field
    def reader(self, info: strawberry.Info[Reader, None]) -> str:
        return info.context.name

    @strawberry.field
    async def borrowed(self, info: strawberry.Info[Reader, None]) -> str:
        await asyncio.sleep(0)
        return info.context.name


_books: dict[str, Book] = {}


def book(id_: str) -> Book:
    return _books.setdefault(id_, Book(id=strawberry.ID(id_), pages=7, tags=["a", "b"]))


@strawberry.type
class Query:
    @strawberry.field
    def books(self, ids: list[str]) -> list[Book]:
        return [book(id_) for id_ in ids]


class Schema(CompiledExecution, strawberry.Schema):
    pass


@pytest.fixture
def schema() -> Any:
    calls.clear()
    _books.clear()
    made: Any = Schema(Query)
    made.compiled_operations = CompiledOperations(made, compile_at_sighting=1, in_thread=False)
    return made


async def answer(schema: Any, text: str, reader: Reader | None = None, **variables: Any) -> list[Any]:
    result = await schema.execute(text, variable_values=variables, context_value=reader or Reader())
    assert result.errors is None
    return result.data["books"]  # type: ignore[no-any-return]


async def test_answers_of_the_same_object_are_made_once(schema: Any) -> None:
    text = '{ books(ids: ["a", "b", "a"]) { id name pages tags sequels { id name } } }'
    sequels = [{"id": "sequel", "name": "sequel in en, 3"}]
    expected = [
        {"id": id_, "name": f"{id_} in en, 3", "pages": 7, "tags": ["a", "b"], "sequels": sequels} for id_ in "aba"
    ]

    answers = [await answer(schema, text) for _ in range(3)]

    assert answers == [expected] * 3
    assert calls == {"name": 4, "sequels": 2}  # of a and b, and below each of them once


async def test_answers_differ_by_what_is_read_of_the_context(schema: Any) -> None:
    text = '{ books(ids: ["a"]) { id name } }'

    english, hindi = await answer(schema, text), await answer(schema, text, Reader(language="hi"))

    assert [english[0]["name"], hindi[0]["name"]] == ["a in en, 3", "a in hi, 3"]


async def test_answers_differ_by_arguments_and_by_their_absence(schema: Any) -> None:
    text = 'query ($length: Int) { books(ids: ["a"]) { id name(length: $length) } }'

    names = [
        (await answer(schema, text, **variables))[0]["name"]
        for variables in ({"length": 1}, {"length": 2}, {"length": None}, {}, {"length": 1})
    ]

    assert names == ["a in en, 1", "a in en, 2", "a in en, None", "a in en, 3", "a in en, 1"]
    assert calls["name"] == 4


async def test_other_fields_are_resolved_each_time_and_stand_in_their_places(schema: Any) -> None:
    text = '{ books(ids: ["a"]) { reader id borrowed name } }'

    first = await answer(schema, text, Reader(name="Asha"))
    second = await answer(schema, text, Reader(name="Bela"))

    assert list(first[0].items()) == [("reader", "Asha"), ("id", "a"), ("borrowed", "Asha"), ("name", "a in en, 3")]
    assert list(second[0].items()) == [("reader", "Bela"), ("id", "a"), ("borrowed", "Bela"), ("name", "a in en, 3")]
    assert calls["name"] == 1


async def test_what_is_below_a_lasting_field_and_not_lasting_is_resolved_each_time(schema: Any) -> None:
    text = '{ books(ids: ["a"]) { id name sequels { id name reader } } }'

    answers = [await answer(schema, text, Reader(name=name)) for name in ("Asha", "Bela")]

    assert [each[0]["sequels"][0]["reader"] for each in answers] == ["Asha", "Bela"]
    assert calls == {"name": 2, "sequels": 2}


async def test_nothing_is_kept_beside_an_error(schema: Any) -> None:
    text = '{ books(ids: ["a"]) { id name broken } }'

    results = [await schema.execute(text, context_value=Reader()) for _ in range(2)]

    for result in results:
        assert result.data == {"books": [{"id": "a", "name": "a in en, 3", "broken": None}]}
        assert [(error.message, error.path) for error in result.errors] == [("broken", ["books", 0, "broken"])]
    assert calls == {"name": 2, "broken": 2}


async def test_nothing_is_kept_for_arguments_that_are_equal_and_yet_different(schema: Any) -> None:
    text = 'query ($by: Float!) { books(ids: ["a"]) { id scaled(by: $by) pages } }'

    answers = [await answer(schema, text, by=by) for by in (0.0, -0.0)]

    assert [str(each[0]["scaled"]) for each in answers] == ["0.0", "-0.0"]
    assert calls["scaled"] == 2


async def test_nothing_is_kept_for_long_texts(schema: Any) -> None:
    text = 'query ($word: String) { books(ids: ["a"]) { id echoed(word: $word) pages tags } }'

    for length in (256, 256, 257, 257):
        assert (await answer(schema, text, word="x" * length))[0]["echoed"] == length

    assert calls["echoed"] == 3


async def test_an_object_keeps_four_answers(schema: Any) -> None:
    text = 'query ($length: Int) { books(ids: ["a"]) { id name(length: $length) } }'

    for length in (1, 2, 3, 4, 5, 5, 2, 1):
        await answer(schema, text, length=length)

    assert calls["name"] == 6  # the first went for the fifth
    assert len(book("a")._kept_answers) == 4  # type: ignore[attr-defined]  # not a field


async def test_other_objects_that_stand_in_for_the_type_keep_nothing(schema: Any) -> None:
    _books["loose"] = strawberry.cast(Book, Loose())  # type: ignore[assignment]  # a row, as resolvers may return it
    text = '{ books(ids: ["loose"]) { id pages tags } }'

    answers = [await answer(schema, text) for _ in range(2)]

    assert answers == [[{"id": "loose", "pages": 1, "tags": ["c"]}]] * 2


class Loose:
    id, pages, tags = "loose", 1, ("c",)


async def test_without_compiled_execution_nothing_is_kept(schema: Any) -> None:
    schema.compiled_operations = None

    await answer(schema, '{ books(ids: ["a", "a"]) { id name } }')

    assert calls["name"] == 2
