"""Metrics for Prometheus; one place names them all."""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("wangge_records_total", "Records handled", ["service"])
TAKEN = Counter("wangge_events_taken_total", "Events that were new to their document", ["service"])
DEAD = Counter("wangge_dead_letters_total", "Records put away as dead letters", ["service"])
BATCH_SECONDS = Histogram(
    "wangge_batch_seconds",
    "Time of one batch, from the bytes to the commit",
    ["service"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNKNOWN_TYPES = Counter("wangge_unknown_types_total", "Events passed over", ["topic", "type"])
UNKNOWN_FIELDS = Counter("wangge_unknown_fields_total", "Fields passed over", ["topic", "type"])
RETRIES = Counter("wangge_retries_total", "Batches tried again in place", ["service"])
HANDED_BACK = Counter("wangge_handed_back_total", "Batches handed back to Kafka", ["service"])
PARKED = Counter("wangge_parked_total", "Documents whose timer failed", ["service"])
SWEPT = Counter("wangge_swept_total", "Documents whose outbox was swept", ["service"])
WALKED = Counter(
    "wangge_walked_total",
    "Open documents told of a change of the registry",
    ["service", "walk"],
)
LATENESS_SECONDS = Histogram(
    "wangge_timer_lateness_seconds",
    "From a mark's due instant to its answer",
    ["service"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300, 3600),
)
OVERDUE = Gauge(
    "wangge_timers_overdue",
    "Timers due beyond the tolerance that nobody has answered; 10,000 stands for more",
    ["service"],
)
OLDEST_OVERDUE_SECONDS = Gauge(
    "wangge_timers_oldest_overdue_seconds",
    "How far the oldest of them is behind its partition's time",
    ["service"],
)
PARKED_NOW = Gauge(
    "wangge_timers_parked", "Timers that failed and wait for an event of their case", ["service"]
)
HTTP_SECONDS = Histogram(
    "wangge_http_seconds", "Time of one request", ["service", "method", "route", "status"]
)
NOTICES = Counter("wangge_notices_total", "Notices by what became of them", ["channel", "state"])
NOTICE_SECONDS = Histogram(
    "wangge_notice_seconds",
    "From what a notice tells to its arrival",
    ["channel"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)
NOTICES_WAITING = Gauge("wangge_notices_waiting", "Notices that wait for a target", ["target"])
NOTICES_OLDEST_SECONDS = Gauge(
    "wangge_notices_oldest_seconds", "Age of the oldest notice that waits for a target", ["target"]
)


def batch(service: str, records: int, taken: int, dead: int, seconds: float) -> None:
    """Count one batch."""
    RECORDS.labels(service).inc(records)
    TAKEN.labels(service).inc(taken)
    DEAD.labels(service).inc(dead)
    BATCH_SECONDS.labels(service).observe(seconds)


def lateness(service: str, due: datetime, answered: datetime) -> None:
    """Note how late a mark was answered."""
    LATENESS_SECONDS.labels(service).observe(max(0.0, (answered - due).total_seconds()))


def audited(service: str, overdue: int, oldest_s: float, parked: int) -> None:
    """Note what the auditor of timers has found in the partitions of this process."""
    OVERDUE.labels(service).set(overdue)
    OLDEST_OVERDUE_SECONDS.labels(service).set(oldest_s)
    PARKED_NOW.labels(service).set(parked)
