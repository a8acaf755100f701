"""The Celery application: `celery -A workers.app worker --pool threads --beat`.

Tasks only start what the other modules do; what they return is how much there was to do. What is looked for every
moment is no task: `turns`.
"""

from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown

from workers.gathering import refresh_catalogues
from workers.housekeeping import reseal_values, trim_streams
from workers.importing import fetch_feeds
from workers.privacy import purge_accounts
from workers.recommending import compute_trending_if_stale
from workers.retention import enforce_retention
from workers.runtime import WorkerRuntime
from workers.turns import all_turns
from workers.writing import remind_renewals

app = Celery("workers")
app.config_from_object("workers.celery_config")

_runtime = WorkerRuntime(turns=all_turns)


@app.task(name="recommending.compute_trending")
def compute_trending() -> bool:
    """Compute the charts if they are due."""
    return _runtime.run("trending", compute_trending_if_stale) or False


@app.task(name="gathering.refresh_catalogues")
def refresh_external_catalogues() -> int:
    """Read catalogues of others."""
    return _runtime.run("gathering", refresh_catalogues) or 0


@app.task(name="importing.fetch_feeds")
def fetch_due_feeds() -> int:
    """Fetch partners' files of titles."""
    return _runtime.run("feeds", fetch_feeds) or 0


@app.task(name="privacy.purge_accounts")
def purge_due_accounts() -> int:
    """Remove accounts whose grace time is over."""
    return _runtime.run("purging", purge_accounts) or 0


@app.task(name="retention.enforce")
def enforce_all_retention() -> int:
    """Delete what was kept long enough."""
    return sum((_runtime.run("retention", enforce_retention) or {}).values())


@app.task(name="writing.remind_renewals")
def remind_of_renewals() -> int:
    """Write of plans that renew soon."""
    return _runtime.run("renewals", remind_renewals) or 0


@app.task(name="housekeeping.reseal_values")
def reseal_all_values() -> int:
    """Move sealed values to the current key."""
    return _runtime.run("resealing", reseal_values) or 0


@app.task(name="housekeeping.trim_streams")
def trim_stream_entries() -> int:
    """Drop old entries of the streams."""
    return _runtime.run("trimming", trim_streams) or 0


@worker_ready.connect
def _catch_up_on_start(**_signal: Any) -> None:
    """Not wait for the schedule: after a long stop charts and others' catalogues are stale at once."""
    compute_trending.delay()
    refresh_external_catalogues.delay()


@worker_shutdown.connect
def _close_stores(**_signal: Any) -> None:
    _runtime.close()
