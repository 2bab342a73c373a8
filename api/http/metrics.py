"""Figures for the operator 运行指标, in Prometheus' form. They count; they name no case, no person and no address.

With several workers each writes into files of one folder, and whoever is asked adds them up. What can be asked of the
database is asked when somebody wants to know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from starlette.types import Message

    from journal.connections import Connect

__all__ = ["ANSWERS", "COMMANDS", "CONNECTIONS", "LOG_INS", "REFUSALS", "STREAMS", "count_answer", "exposition"]

SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_own = CollectorRegistry()

ANSWERS = Counter("wuye_answers", "Answers by status", ["status"], registry=_own)
COMMANDS = Counter("wuye_commands", "Commands carried out", ["command"], registry=_own)
REFUSALS = Counter("wuye_refusals", "Refusals and problems by code", ["code"], registry=_own)
LOG_INS = Counter("wuye_log_ins", "Log-ins by outcome", ["outcome"], registry=_own)
STREAMS = Gauge("wuye_streams", "Streams of facts being followed", registry=_own, multiprocess_mode="livesum")
CONNECTIONS = Gauge(
    "wuye_pool_connections", "Connections to the database", ["state"], registry=_own, multiprocess_mode="livesum"
)

_DEADLINES: Final = """
select count(*),
       count(*) filter (where due_at <= clock_timestamp() and not parked),
       coalesce(extract(epoch from clock_timestamp() - min(due_at) filter (where not parked)), 0)::float8,
       count(*) filter (where parked),
       count(*) filter (where leased_until > clock_timestamp() and not parked and last_error is null)
  from (select d.due_at, w.leased_until, w.last_error, coalesce(w.leased_until >= '9999-01-01', false) as parked
          from wuye.r_deadlines d join wuye.offices o using (office)
          left join wuye.clock_work w using (office, case_id, line, from_number)
         where d.to_number is null and d.missed_at is null and not o.simulated) open
"""


class _OfTheDatabase:
    """The deadlines: how many are open, due, parked and leased, and how late the clock is."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def collect(self) -> Iterator[Metric]:
        """One reading."""
        with self._connect() as connection:
            row = connection.execute(_DEADLINES).fetchone()
        assert row is not None
        told = (
            ("wuye_deadlines_open", "Deadlines that run"),
            ("wuye_deadlines_due", "Deadlines that have fallen due and were not fired yet"),
            ("wuye_deadlines_lag_seconds", "How long ago the oldest of them fell due"),
            ("wuye_deadlines_parked", "Deadlines that the clock has given up"),
            ("wuye_leases", "Deadlines that a clock holds at this moment"),
        )
        for (name, help_), value in zip(told, row, strict=True):
            yield GaugeMetricFamily(name, help_, value=max(0.0, float(value)))


def exposition(connect: Connect) -> bytes:
    """Everything, as text. Raises what the database raises."""
    database = CollectorRegistry()
    database.register(_OfTheDatabase(connect))
    if os.environ.get(SHARED_FOLDER):
        ours = CollectorRegistry()
        MultiProcessCollector(ours)  # type: ignore[no-untyped-call]
    else:
        ours = _own
    return generate_latest(ours) + generate_latest(database)


def note_pool(pool: Any) -> None:
    """How the connections of a pool are used at the moment."""
    stats = pool.get_stats()
    size, free = stats.get("pool_size", 0), stats.get("pool_available", 0)
    CONNECTIONS.labels("used").set(size - free)
    CONNECTIONS.labels("free").set(free)
    CONNECTIONS.labels("wanted").set(stats.get("requests_waiting", 0))


def count_answer(message: Message) -> None:
    """One more answer of its status."""
    ANSWERS.labels(message["status"]).inc()
