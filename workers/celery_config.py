"""Celery's settings, by its names. Read when the first process asks, so that importing the app needs no environment.

A task through the broker costs nearly 10 ms: what is looked for every few seconds stands in `workers.turns`.
"""

from workers.config import Settings
from workers.gathering import CHECK_EVERY_SECONDS
from workers.importing import CHECK_FEEDS_EVERY_SECONDS
from workers.recommending import CHECK_EVERY

_settings = Settings()
_OWN_KEYS = {"global_keyprefix": "workers:"}


def _every(task: str, seconds: float) -> dict[str, object]:
    # A turn that could not start before the next one is due is not worth starting any more.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


broker_url = _settings.redis_url
result_backend = _settings.redis_url
broker_transport_options = _OWN_KEYS
result_backend_transport_options = _OWN_KEYS
broker_connection_retry_on_startup = True
timezone = "UTC"
task_ignore_result = True
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
worker_enable_remote_control = False  # nobody gives orders to workers; waiting for some costs at every moment
beat_schedule_filename = str(_settings.beat_schedule_file.absolute())
beat_schedule = {
    "trending": _every("recommending.compute_trending", CHECK_EVERY.total_seconds()),
    "catalogues": _every("gathering.refresh_catalogues", CHECK_EVERY_SECONDS),
    "feeds": _every("importing.fetch_feeds", CHECK_FEEDS_EVERY_SECONDS),
    "renewals": _every("writing.remind_renewals", 600.0),
    "purging": _every("privacy.purge_accounts", 600.0),
    "retention": _every("retention.enforce", 3600.0),
    "resealing": _every("housekeeping.reseal_values", 3600.0),
    "trimming": _every("housekeeping.trim_streams", 3600.0),
}
