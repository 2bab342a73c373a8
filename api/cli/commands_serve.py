"""What the subcommands of ``wuye`` do that serve, work, import, play and clean."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec
import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api import heap
from api.cli.commands import running
from api.cli.printing import echo, out
from api.firing_time import FiringTime
from api.runtime import Runtime
from journal.book import Book
from journal.embedded import EmbeddedPostgres, NoPostgres
from journal.home import wuye_home
from workflows.importing.run import Report

# -- serving ----------------------------------------------------------------------------------------------------------


def serve_forever(host: str, port: int, *, workers: int, work: bool) -> None:
    """Serve until it is interrupted."""
    with running() as runtime:
        serve_runtime(runtime, host, port, workers=workers, work=work)


def serve_runtime(runtime: Runtime, host: str, port: int, *, workers: int, work: bool) -> None:
    """Serve, with the clock inside, and keep the embedded database running.

    On loopback on the next free port if this one is taken: whoever tries it out has two of them. Elsewhere, and wherever a
    proxy was named, that proxy looks for it at its own port. Raises NoPostgres when the database has gone for good.
    """
    from api.config import ApiSettings
    from api.http import logs
    from api.http.serving import Application, Server, bound, is_loopback

    logs.configure()
    runtime.master  # noqa: B018 -- a key that does not fit is refused here, before a worker is started
    settings = ApiSettings(database_url=runtime.app, home=runtime.home, workers=workers)
    with bound(host, port, or_next=is_loopback(host) and not settings.proxies) as listening:
        shown = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        server = Server(Application(settings), listening)
        lost: list[str] = []

        def give_up(reason: str) -> None:
            lost.append(reason)
            server.stop()

        stop = threading.Event()
        clock = threading.Thread(target=_tick_until, args=(runtime, stop, 5.0), daemon=True)
        out.print(f"\n工作台 console      {shown}\n接口文档 documents {shown}/docs", soft_wrap=True)
        out.print(f"主机名 host names  {settings.allowed_hosts}", soft_wrap=True)
        out.print("按 Ctrl-C 停止 / Ctrl-C stops it\n")
        try:
            if work:
                clock.start()
            with _kept(runtime, give_up):
                server.run()
        except KeyboardInterrupt:
            pass  # that is how it is stopped
        finally:
            stop.set()
            if work:
                clock.join(10)
    if lost:
        raise NoPostgres(lost[0])


def run_clock(*, once: bool, every: float, as_json: bool) -> None:
    """Fire what is due, again and again."""
    from api.http import logs

    logs.configure()
    with running() as runtime:
        if once:
            fires = FiringTime(runtime.pool.connection)
            done = runtime.clock.catch_up(fires())
            runtime.tell(fires())
            runtime.note_erasures()
            if as_json:
                echo(done)
                return
            out.print(f"✓ 到期 fired {done.fired}，失效 superseded {done.stale}，失败 failed {done.failed}")
            return
        stop, lost = threading.Event(), list[str]()

        def give_up(reason: str) -> None:
            lost.append(reason)
            stop.set()

        from api.http.wall_clock import WallClock

        # Where the API is served it looks itself; a clock alone must say it too.
        watch = threading.Thread(target=repeat, args=(WallClock().look, stop, 1.0), name="wall", daemon=True)
        watch.start()
        try:
            with _kept(runtime, give_up):
                _tick_until(runtime, stop, every)
        except KeyboardInterrupt:
            stop.set()
    if lost:
        raise NoPostgres(lost[0])


def _kept(runtime: Runtime, give_up: Callable[[str], None]) -> AbstractContextManager[object]:
    """The embedded database is kept running meanwhile; another's is his own affair."""
    from api.http.supervisor import Keeper

    return Keeper(runtime.postgres, give_up) if runtime.postgres is not None else nullcontext()


def _tick_until(runtime: Runtime, stop: threading.Event, every: float) -> None:
    """Fire what is due, and tell of it in a thread of its own: a mail server that hangs never stops the clock."""
    fires = FiringTime(runtime.pool.connection)
    clock, _ = runtime.clock, runtime.notices  # made here, before two threads want them at once
    heap.settle()
    teller = threading.Thread(target=repeat, args=(lambda: runtime.tell(fires()), stop, every), daemon=True)
    keeper = threading.Thread(target=repeat, args=(runtime.note_erasures, stop, every), daemon=True)
    teller.start()
    keeper.start()
    repeat(lambda: clock.catch_up(fires()), stop, every)
    teller.join(10)
    keeper.join(10)


def repeat(does: Callable[[], object], stop: threading.Event, every: float) -> None:
    """Again and again. Whatever goes wrong once is said, and the next round comes: nobody would notice a dead clock."""
    while not stop.is_set():
        try:
            does()
        except Exception as error:  # noqa: BLE001 -- an outage of the database, or a bug that must not stop the rest
            structlog.get_logger().error("the clock was stopped in a round", error=error)
        stop.wait(every)


# -- histories, demo, cleaning ----------------------------------------------------------------------------------------


def import_file(file: Path, mapping: Path, office: str, *, as_json: bool, dry_run: bool, problems: Path | None) -> None:
    """Import a history, with a progress bar; whatever could not be taken is in the problem file."""
    from api.cli.commands_book import found_office
    from api.cli.import_worker import worker_pool
    from workflows.importing.run import import_history, usable

    place = problems or Path(f"{file.name.removesuffix('.gz').removesuffix('.csv')}.problems.csv")
    columns = (
        TextColumn("导入 importing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[facts]:,} 条 facts · {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with running() as runtime, Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("import", total=None, facts=0, rate=0.0)

        def step(done: int, total: int, facts: int) -> None:
            bar.update(task, completed=done, total=total, facts=facts, rate=facts / (time.monotonic() - began))

        if not dry_run and not _exists(runtime, office):
            usable(file, mapping, office, now=runtime.time_in(office))  # what cannot be imported opens no office
            found_office(runtime, office, office)
            print(f"新设管理处 opened office {office}", file=sys.stderr)
        report = import_history(
            runtime.handler,
            runtime.pool.connection,
            file,
            mapping,
            office,
            now=runtime.time_in(office),
            dry_run=dry_run,
            problems=place,
            progress=step,
            workers=worker_pool(runtime.app, runtime.home),
        )
    if as_json:
        echo(msgspec.to_builtins(report))
    else:
        _print_report(report)


def _exists(runtime: Runtime, office: str) -> bool:
    with runtime.pool.connection() as connection:
        return Book(connection, office).head() is not None


def _print_report(report: Report) -> None:
    done = "试算（未写入） dry run, nothing written" if report.dry_run else "已导入 imported"
    out.print(f"✓ {done}: {report.mapping} → {report.office}（{report.encoding}）", highlight=False)
    for zh, en, number in (
        ("行", "rows", report.rows),
        ("取用", "taken", report.taken),
        ("已知而无变化", "understood, nothing new", report.understood),
        ("未取", "refused", report.refused),
        ("附注", "noted", report.noted),
        ("事实", "facts written" if not report.dry_run else "facts decided", report.facts),
        ("事项", "cases opened", report.cases),
        ("此前已导入的来源事项", "source cases skipped, in the book before", report.skipped),
        ("此前已导入而有新内容", "source cases of which more came in", report.grown),
        ("此前已导入而现有不同", "source cases that contradict what came in before", report.changed),
    ):
        out.print(f"  {number:>12,}  {zh} {en}", highlight=False)
    out.print(f"  {report.seconds:.1f} s，{report.facts_a_second:,.0f} 条/秒 facts a second", highlight=False)
    if report.problems:
        told = "、".join(f"{code} {number:,}" for code, number in report.problems.items())
        out.print(f"⚠ 问题清单 problems: {report.problem_file}（{told}）", highlight=False)


def play(*, households: int, months: int, port: int | None) -> None:
    """Play the demo year unless it stands already, print its standards, and serve."""
    from api.demo.play import play_demo

    with running() as runtime:
        play_demo(runtime, households=households, months=months, out=out)
        if port is not None:
            serve_runtime(runtime, "127.0.0.1", port, workers=1, work=True)


def practise(*, port: int | None) -> None:
    """Open a small simulated office to practise in, and serve it."""
    from api.demo.practice import play_practice

    with running() as runtime:
        play_practice(runtime, out=out)
        if port is not None:
            serve_runtime(runtime, "127.0.0.1", port, workers=1, work=True)


def remove_everything(*, sure: bool) -> None:
    """Stop the embedded server of this home and remove its data."""
    home = wuye_home()
    if not sure and not _confirmed(f"删除 {home} 的全部数据？remove everything in {home}? (yes/no) "):
        print("未删除 nothing was removed")
        return
    postgres = EmbeddedPostgres(home / "pg")
    postgres.remove()
    shutil.rmtree(home, ignore_errors=True)
    print(f"✓ {home}")


def _confirmed(question: str) -> bool:
    try:
        return input(question).strip() == "yes"
    except EOFError:  # nobody is there to answer
        return False
