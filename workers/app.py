"""The Celery application: `celery -A workers.app worker --pool threads --beat`.

Tasks only start what the other modules do; what they return is how much there was to do.
"""

from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown

from workers.housekeeping import reseal_values, trim_streams
from workers.privacy import make_exports, purge_accounts
from workers.publishing import advance_bulk_operations, publish_due_titles
from workers.recommending import compute_trending_if_stale
from workers.relay import relay_pending
from workers.renewing import collect_due
from workers.retention import enforce_retention
from workers.runtime import WorkerRuntime
from workers.streams import drain_streams
from workers.writing import deliver_mails, remind_renewals, write_announcements

app = Celery("workers")
app.config_from_object("workers.celery_config")

_runtime = WorkerRuntime()


@app.task(name="relay.deliver_events")
def deliver_events() -> int:
    """Relay the outboxes."""
    return _runtime.run("relay", relay_pending) or 0


@app.task(name="streams.drain_entries")
def drain_entries() -> int:
    """Drain the heartbeat and engagement streams."""
    return _runtime.run("streams", drain_streams) or 0


@app.task(name="writing.deliver_mails")
def deliver_due_mails() -> int:
    """Send letters."""
    return _runtime.run("mails", deliver_mails) or 0


@app.task(name="writing.write_announcements")
def write_due_announcements() -> int:
    """Write announcements."""
    return _runtime.run("announcements", write_announcements) or 0


@app.task(name="publishing.publish_titles")
def publish_titles() -> int:
    """Publish titles that are due."""
    return _runtime.run("publishing", publish_due_titles) or 0


@app.task(name="publishing.advance_bulk_operations")
def advance_bulk() -> int:
    """Change many titles."""
    return _runtime.run("bulk", advance_bulk_operations) or 0


@app.task(name="recommending.compute_trending")
def compute_trending() -> bool:
    """Compute the charts if they are due."""
    return _runtime.run("trending", compute_trending_if_stale) or False


@app.task(name="privacy.make_exports")
def make_data_exports() -> int:
    """Make the exports that were asked for."""
    return _runtime.run("exports", make_exports) or 0


@app.task(name="privacy.purge_accounts")
def purge_due_accounts() -> int:
    """Remove accounts whose grace time is over."""
    return _runtime.run("purging", purge_accounts) or 0


@app.task(name="retention.enforce")
def enforce_all_retention() -> int:
    """Delete what was kept long enough."""
    return sum((_runtime.run("retention", enforce_retention) or {}).values())


@app.task(name="renewing.collect_due")
def collect_due_payments() -> int:
    """Renew subscriptions."""
    return _runtime.run("collecting", collect_due) or 0


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
def _compute_trending_on_start(**_signal: Any) -> None:
    """Not wait for the schedule: after a long stop the charts are stale at once."""
    compute_trending.delay()


@worker_shutdown.connect
def _close_stores(**_signal: Any) -> None:
    _runtime.close()
