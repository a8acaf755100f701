"""Random operations over random subgraphs, compared with a single executor. `sweep.py` runs many more of them."""

from __future__ import annotations

import pytest

from tests.conformance.minimise import minimised, printed
from tests.conformance.sweep import Tally, sweep_world

WORLDS_PER_TEST = 30
OPERATIONS = 10


@pytest.mark.parametrize("first", range(0, 150, WORLDS_PER_TEST))
async def test_the_router_answers_as_a_single_executor(first: int) -> None:
    tally = Tally()

    for seed in range(first, first + WORLDS_PER_TEST):
        await sweep_world(seed, tally, operations=OPERATIONS, data=2)

    shown = [f"supergraph seed {failure.origin}\n{printed(await minimised(failure))}" for failure in tally.failures]
    assert [*shown, *tally.crashes] == []
    assert tally.counts["supergraphs"] > WORLDS_PER_TEST // 4  # the generator still makes what composes
    assert tally.counts["cases"] > 100
