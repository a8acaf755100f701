"""The lists of codes and the tests of codes go together: neither has one that the other lacks."""

import re
from pathlib import Path

import pytest

import router.composition
from router.composition.error_codes import ERROR_CODES
from router.composition.errors import HINT_LEVELS, Report
from tests.router.composition import (
    test_error_codes_merging,
    test_error_codes_reading,
    test_error_codes_subgraph,
    test_error_codes_supergraph,
    test_hint_codes,
)
from tests.router.composition.code_cases import Case

ERROR_CASES = (
    *test_error_codes_reading.CASES,
    *test_error_codes_subgraph.CASES,
    *test_error_codes_merging.CASES,
    *test_error_codes_supergraph.CASES,
)
# Not provoked by subgraphs alone; both have tests of their own in test_error_codes_supergraph.py.
TESTED_APART = {"MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", "INVALID_FEDERATION_SUPERGRAPH"}


def test_every_error_code_has_one_case() -> None:
    tested = [case.code for case in ERROR_CASES]

    assert sorted([*tested, *TESTED_APART]) == sorted(ERROR_CODES)


@pytest.mark.parametrize("case", ERROR_CASES, ids=str)
def test_every_error_names_a_subgraph(case: Case) -> None:
    assert re.search(r'[Ss]ubgraphs? "|[Nn]o subgraph|subgraph cannot be named "', case.message)


def test_every_hint_has_one_case() -> None:
    assert sorted(case.code for case in test_hint_codes.CASES) == sorted(HINT_LEVELS)
    assert len(HINT_LEVELS) == 30


def test_every_code_is_raised_somewhere() -> None:
    folder = Path(router.composition.__file__).parent
    lists = {"error_codes.py", "errors.py"}
    source = "".join(path.read_text() for path in folder.rglob("*.py") if path.name not in lists)
    composed = re.compile(r"^(KEY|PROVIDES|REQUIRES|ROOT|INCONSISTENT)_")

    unraised = [code for code in (*ERROR_CODES, *HINT_LEVELS) if f'"{code}"' not in source]

    assert [code for code in unraised if not composed.match(code)] == []


def test_an_error_has_a_code_of_the_list() -> None:
    with pytest.raises(AssertionError, match="NEW_CODE is not among the error codes"):
        Report().error("NEW_CODE", "A message.")
