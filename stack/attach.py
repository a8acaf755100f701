"""For commands that need the stores without the services: those of the running stack, or ones of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from stack.display import Display
from stack.environment import Addresses, build_environment
from stack.home import Home
from stack.keys import load_keys
from stack.services import DEFAULT_ROUTER_PORT, migration_folders
from stack.stores import Stores
from subgraphs.shared.postgres import upgrade_databases


@contextmanager
def stores_at_hand(home: Home, console: Console) -> Iterator[None]:
    """Put the settings of the stores into our environment for the time of the block.

    A running stack's stores are used; when none runs, stores are started, migrated and stopped at the end.

    Raises:
        ServerError: A store cannot be started.
        AlreadyRunningError: A stack is just starting or stopping.
    """
    keys = load_keys(home.keys)
    state = home.read_state()
    port = int(state.get("ports", {}).get("router", DEFAULT_ROUTER_PORT))
    running = state.get("running")
    if home.running_pid() is not None and running:
        with _environment(build_environment(home, keys, Addresses(running["stores"], port, {}))):
            yield
        return
    display = Display(console)
    stores = Stores(home, keys, display, interrupted=lambda: False)
    with home.locked():
        try:
            with display:
                stores.start()
            with _environment(build_environment(home, keys, Addresses(stores.urls, port, {}))):
                upgrade_databases(os.environ["DATABASE_URL"], migration_folders())
                yield
        finally:
            stores.stop()


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
