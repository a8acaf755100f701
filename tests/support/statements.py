"""SQLAlchemy's compiled statements, kept for a whole worker instead of one engine.

Each test has engines of its own, since it has databases of its own, and would compile anew every statement that the
test before it ran: a fifth of the CPU of tests with a database. What is compiled depends on the statement and the
dialect's arguments alone; here dialects with the same arguments are the same.
"""

from collections import defaultdict
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

_STATEMENTS = 5_000
_compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS)
_types: defaultdict[Any, WeakKeyDictionary[Any, Any]] = defaultdict(WeakKeyDictionary)
"""What dialects remember of column types, by the dialects' arguments."""


def share_compiled_statements() -> None:
    """Have every engine of this process, made from now on, take and leave compiled statements in one place."""
    registry.register("postgresql.asyncpg", __name__, SharedDialect.__name__)


class SharedDialect(PGDialect_asyncpg):
    """PostgreSQL by asyncpg; equal to every other that was made with the same arguments."""

    supports_statement_cache = True

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)  # type: ignore[no-untyped-call]  # SQLAlchemy types none of its dialects
        self._arguments = tuple(sorted(item for item in arguments.items() if item[0] != "dbapi"))  # asyncpg, wrapped
        self._type_memos = _types[self._arguments]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedDialect) and self._arguments == other._arguments

    def __hash__(self) -> int:
        return hash(self._arguments)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Called by SQLAlchemy for each new engine."""
        engine.update_execution_options(compiled_cache=_compiled)
