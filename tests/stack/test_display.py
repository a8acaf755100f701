"""What is printed during a start and a run."""

import io

import pytest
from rich.console import Console

from stack.display import Display


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_line_that_stays_is_not_broken_however_narrow_the_terminal(is_terminal: bool) -> None:
    output = io.StringIO()
    display = Display(Console(file=output, width=20, force_terminal=is_terminal))

    display.say("PostgreSQL died; its log is /a/rather/long/path/to/postgres.log [really]")

    assert output.getvalue() == "PostgreSQL died; its log is /a/rather/long/path/to/postgres.log [really]\n"
