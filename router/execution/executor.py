"""Runs the fetches of a variant, each as soon as what it reads is there."""

import asyncio
from collections.abc import Sequence

from router.execution.fetch_context import FetchContext
from router.execution.variants import FetchStep, Variant


async def run_fetches(variant: Variant, context: FetchContext) -> None:
    """Run every fetch; afterwards `context.root` holds all that the subgraphs gave.

    A fetch is complete when its reply is merged or its failure reported: what depends on it starts either way, and
    finds no representations where nothing came. Cancelling this cancels the calls under way.
    """
    steps = variant.steps
    context.slots[:] = [None] * variant.slots
    if len(steps) <= 1:
        for step in steps:
            await step.fetch.run(context)
        return
    awaited = [step.awaited_count for step in steps]
    first, *others = [step for step in steps if step.awaited_count == 0]
    async with asyncio.TaskGroup() as group:
        for step in others:
            group.create_task(_run_from(step, steps, awaited=awaited, context=context, group=group))
        await _run_from(first, steps, awaited=awaited, context=context, group=group)


# Not a function inside the one above: one that knows itself is a reference cycle, and would keep the whole response
# tree until the garbage collector comes.
async def _run_from(
    step: FetchStep,
    steps: Sequence[FetchStep],
    *,
    awaited: list[int],
    context: FetchContext,
    group: asyncio.TaskGroup,
) -> None:
    # The first fetch that becomes ready goes on in this task, which saves a task per step of a chain.
    following: FetchStep | None = step
    while following is not None:
        await following.fetch.run(context)
        if following.sharing is not None:
            context.share(following.sharing)
        ready = None
        for place in following.dependents:
            awaited[place] -= 1
            if awaited[place] == 0:
                if ready is None:
                    ready = steps[place]
                else:
                    group.create_task(_run_from(steps[place], steps, awaited=awaited, context=context, group=group))
        following = ready
