"""Bugs of the edge: log-in limits, hosts and origins, headers, time-outs, streams, outages, exports, the clock's leases."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["EDGE"]

_FLOOD, _PAGES, _EXPORT = (
    ("tests/attacks/test_login_flood.py",),
    ("tests/attacks/test_foreign_pages.py",),
    ("tests/domain/residents/test_register_export.py",),
)
_LOGS, _PROXY, _CLOCK = (
    ("tests/attacks/test_logs.py",),
    ("tests/attacks/test_proxy.py",),
    ("tests/attacks/test_dead_clock.py",),
)

EDGE = (
    Bug(
        "trailers are kept without end",
        "api/http/protocol.py",
        "        if self._trailers > HEAD_BYTES:\n",
        "        if self._trailers > HEAD_BYTES**3:\n",
        ("tests/attacks/test_slow_large_many.py", "-k", "trailers"),
    ),
    Bug(
        "rows of no office are not come upon",
        "projections/engine/homeless.py",
        "office not in (select office from wuye.offices)",
        "office is null",
        ("tests/attacks/test_verify.py", "-k", "no_office"),
    ),
    Bug(
        "a function that does nothing where something is null is not noticed",
        "projections/engine/catalogue.py",
        "p.prosecdef, p.proisstrict, p.proleakproof,",
        "p.prosecdef, p.proleakproof,",
        ("tests/attacks/test_verify.py", "-k", "passed"),
    ),
    Bug(
        "the image is built without its program",
        "deploy/Dockerfile",
        "README.md LICENSE wuye.py ./",
        "README.md LICENSE ./",
        ("tests/test_deploy.py", "-k", "image_is_given"),
    ),
    Bug(
        "every container may say for whom it asks",
        "deploy/compose.yaml",
        "WUYE_PROXIES: 172.30.0.20",
        "WUYE_PROXIES: 172.30.0.0/24",
        ("tests/test_deploy.py", "-k", "containers"),
    ),
    Bug(
        "whoever says that he is this machine is believed",
        "api/http/origins.py",
        "return _name(host) in _THIS_MACHINE and is_here(scope)",
        "return _name(host) in _THIS_MACHINE",
        ("tests/attacks/test_proxy.py", "-k", "health_check"),
    ),
    Bug(
        "who was dismissed since is logged in again after a physical restore",
        "api/cli/commands_backup.py",
        "            ended = end_what_was_open(owner)\n",
        "            ended = 0\n",
        ("tests/attacks/test_physical_restore.py", "-k", "basebackup"),
    ),
    Bug(
        "a full queue takes more",
        "api/http/hashing.py",
        "if self.taken >= (3 if known else 2) * self.workers:",
        "if self.taken >= 1000 * self.workers:",
        _FLOOD,
    ),
    Bug(
        "who hangs up frees his place",
        "api/http/hashing.py",
        "return await shield(waiting)",
        "return await waiting",
        _FLOOD,
    ),
    Bug(
        "an attempt is counted after it was looked at",
        "api/http/rate_limits.py",
        "self._strangers.add(now, *keys))",
        "(now, keys))",
        _FLOOD,
    ),
    Bug(
        "a known device is counted with the strangers",
        "api/http/rate_limits.py",
        "        if device is not None:\n",
        "        if device is not None and not login:\n",
        _FLOOD,
    ),
    Bug(
        "an IPv6 network has as many addresses as it likes",
        "api/http/rate_limits.py",
        "int(found) >> 64 << 64",
        "int(found)",
        _FLOOD,
    ),
    Bug(
        "a device of somebody else's account is a known one",
        "api/http/devices.py",
        "return self.account == _digest(login)",
        "return bool(self.account or login)",
        _FLOOD,
    ),
    Bug(
        "a new password leaves the tokens",
        "api/identity.py",
        '            connection.execute("delete from wuye.sessions where user_id = %s", [user_id])\n'
        '            connection.execute("delete from wuye.tokens where user_id = %s", [user_id])\n\n'
        "    def password_hash",
        '            connection.execute("delete from wuye.sessions where user_id = %s", [user_id])\n\n'
        "    def password_hash",
        _FLOOD,
    ),
    Bug(
        "any host is ours",
        "api/http/origins.py",
        "return host in self._hosts or _name(host) in self._hosts",
        "return self._hosts is not None",
        _PAGES,
    ),
    Bug(
        "a foreign origin is taken where the browser says nothing else",
        "api/http/origins.py",
        'any(not _same(origin, hosts[0], scope["scheme"]) for origin in origins)',
        "False if origins else False",
        _PAGES,
    ),
    Bug(
        "an address that is none asks who one is",
        "api/http/authentication.py",
        "if identity is None and not self._knows(scope):",
        "if identity is None and not path:",
        _PAGES,
    ),
    Bug(
        "half a request has all the time in the world",
        "api/http/protocol.py",
        "        self._timer = self.loop.call_later(seconds, self._late)\n",
        "        self._timer = self.loop.call_later(seconds + 1e6, self._late)\n",
        ("tests/attacks/test_slow_large_many.py::test_a_request_that_trickles_is_ended_too",),
    ),
    Bug(
        "nobody makes room",
        "api/http/protocol.py",
        "if len(self.connections) > self.most_connections:",
        "if len(self.connections) > 100_000:",
        ("tests/attacks/test_slow_large_many.py::test_a_thousand_silent_connections_make_room_for_whoever_asks",),
    ),
    Bug(
        "a head of any length is read",
        "api/http/protocol.py",
        "        if self._head > HEAD_BYTES:\n",
        "        if self._head > 10**9:\n",
        ("tests/attacks/test_slow_large_many.py::test_a_head_of_forty_megabytes_is_not_read",),
    ),
    Bug(
        "one account follows as many streams as it likes",
        "api/http/feed.py",
        "if self._listeners[caller] >= settings.streams_per_caller:",
        "if self._listeners[caller] >= 10**6:",
        ("tests/attacks/test_slow_large_many.py::test_three_hundred_streams_of_one_token_are_eight",),
    ),
    Bug(
        "every listener reads the page for himself",
        "api/http/feed.py",
        "        if known is None:\n",
        "        if known is None or known is not None:\n",
        ("tests/attacks/test_slow_large_many.py::test_a_page_is_read_once_however_many_listen",),
    ),
    Bug(
        "an error without a state is a fault",
        "api/http/faults.py",
        "return state is None or state[:2]",
        "return state is not None and state[:2]",
        ("tests/attacks/test_database_away.py::test_what_is_an_outage",),
    ),
    Bug(
        "a traceback is logged",
        "api/http/logs.py",
        'for name in ("exc_info", "exception", "stack_info", "stack"):',
        'for name in ("exception", "stack_info", "stack"):',
        _LOGS,
    ),
    Bug(
        "the second line of others' logs is kept",
        "api/http/logs.py",
        'record.getMessage().split("\\n", 1)[0]',
        "record.getMessage()",
        _LOGS,
    ),
    Bug(
        "a clock that is set back is not noticed",
        "api/http/wall_clock.py",
        "        if back > _TOLERATED:\n",
        "        if back > 1e9:\n",
        _LOGS,
    ),
    Bug(
        "figures are for everybody",
        "api/http/authentication.py",
        "(path in PUBLIC_HERE and is_here(scope))",
        "(path in PUBLIC_HERE)",
        _PROXY,
    ),
    Bug(
        "an export goes to whoever wants it",
        "domain/residents/register_export.py",
        "        if who.user_id != export.asked_by:\n",
        "        if not export.asked_by:\n",
        _EXPORT,
    ),
    Bug(
        "a register leaves with names by one person's hand",
        "api/routes/registers.py",
        "            if export is not None:\n                reader.open(",
        "            if export is not None or register:\n                reader.open(",
        ("tests/attacks/test_bulk_export.py",),
    ),
    Bug(
        "a slow clock is taken for dead",
        "workflows/engine/clock.py",
        "        if life.wanes():\n",
        "        if life.wanes() and not leased:\n",
        _CLOCK,
    ),
    Bug(
        "a killed clock holds its deadlines for a minute",
        "workflows/engine/clock.py",
        "_LEASE: Final = timedelta(seconds=10)",
        "_LEASE: Final = timedelta(seconds=60)",
        _CLOCK,
    ),
    Bug(
        "an office that waits keeps the others from their connections",
        "api/http/executor.py",
        "max(1, min(threads, pool.max_size) // 2)",
        "max(threads, pool.max_size)",
        ("tests/api/test_executor.py",),
    ),
    Bug(
        "a line of the log is written in two pieces",
        "api/http/logs.py",
        "structlog.WriteLoggerFactory(_STDERR)",
        "structlog.PrintLoggerFactory(_STDERR)",
        ("tests/attacks/test_log_lines.py",),
    ),
    Bug(
        "whoever set a logger's level before hides its lines",
        "api/http/logs.py",
        "        other.setLevel(logging.NOTSET)\n",
        "",
        ("tests/attacks/test_log_lines.py",),
    ),
)
