"""What ``wuye clock`` and ``wuye office open --simulated`` do: the clock of an office that is only practised with."""

from __future__ import annotations

from datetime import UTC, datetime

from api.cli.commands import instant_of, running
from api.cli.commands_book import found_office
from api.cli.printing import echo, out
from domain.kernel.calendar import SHANGHAI
from domain.kernel.errors import Malformed

__all__ = ["move_clock", "open_simulated"]


def open_simulated(code: str, name: str | None, at: str | None) -> None:
    """Open a simulated office whose clock stands at ``at`` (local time unless it says another), else at the present."""
    opened = _instant(at, "at") if at is not None else datetime.now(UTC)
    with running() as runtime:
        found_office(runtime, code, name or code, simulated_at=opened)
    out.print(f"✓ {code} {name or code}（模拟 simulated）{_local(opened)}", highlight=False)


def move_clock(office: str, to: str | None, *, as_json: bool) -> None:
    """Move the clock of a simulated office forward, firing everything in order; without ``to`` only say what it shows."""
    with running() as runtime:
        if to is None:
            now = runtime.simulated.shows(office)
            if as_json:
                echo({"now": now})
            else:
                out.print(_local(now), highlight=False)
            return
        moved = runtime.simulated.move(office, _instant(to, "to"))
    if as_json:
        echo(moved)
    else:
        out.print(f"✓ {_local(moved.now)}：到期 fired {moved.fired}，失败 failed {moved.failed}", highlight=False)


def _instant(raw: str, field: str) -> datetime:
    try:
        return instant_of(raw).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(
            field,
            None,
            zh=f"--{field} 为时刻，如 2025-03-01T08:00 或 2025-03-01T00:00:00+08:00",
            en=f"--{field} is an instant, local time unless it says another",
            field=field,
        ) from None


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
