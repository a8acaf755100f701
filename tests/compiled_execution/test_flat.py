"""Memory stays flat under many different operations; a sample of `flat`."""

import pytest

from tests.compiled_execution.conftest import UNAWAITED, held_objects
from tests.compiled_execution.flat import Load


@pytest.mark.usefixtures("collected_leftovers")
@pytest.mark.filterwarnings(*UNAWAITED)
async def test_more_operations_than_the_cache_holds_leave_no_growth() -> None:
    load = Load(operations=60, cache_bytes=1_000_000, in_thread=False)
    operations = load.schema.compiled_operations
    await load.send(600, seed=1)
    objects, cached = held_objects().total(), operations._known.size_in_bytes

    await load.send(600, seed=2)

    assert operations.statistics.plans_compiled > 30
    assert max(cached, operations._known.size_in_bytes) <= 1_000_000
    assert held_objects().total() < 1.2 * objects
