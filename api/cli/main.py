"""``wuye`` 命令行. Exit codes: 0 done; 1 done, and something was found (verify); 2 refused or misused.

Heavy modules are imported inside the commands, so that ``wuye --help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Optional

import typer

from api.cli.accounts import offices, users
from api.cli.options import AsOf, Json, OfficeOption, Port, Since, Until, plain

app = typer.Typer(
    name="wuye",
    help="物业·有据 — 物业管理处的台账 / the property office's book",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(users, name="user")
app.add_typer(offices, name="office")
keys = typer.Typer(
    help="主密钥与销毁清单 / the master key, the list of erasures", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(keys, name="key")


def told_version(wanted: bool) -> None:
    """``--version`` is answered before anything else is read."""
    if wanted:
        from api.version import VERSION

        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def about(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=told_version, help="版本 / the version")
    ] = False,
) -> None:
    """物业·有据 — 物业管理处的台账 / the property office's book."""


@app.command()
@plain
def openapi(
    part: Annotated[
        str, typer.Argument(help="事项路径、general 或 full；缺省为总册 / a kind's path, general, full; whole")
    ] = "",
    out: Annotated[Optional[Path], typer.Option("--out", help="写入文件 / write it there")] = None,  # noqa: UP045
) -> None:
    """接口文档 / the OpenAPI document, whole or of one kind."""
    from api.cli.commands_document import write_document

    write_document(part, out)


@app.command()
@plain
def demo(
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="随后启动服务 / serve it then")] = True,
    households: Annotated[int, typer.Option(min=10, max=100_000, help="户数 / households")] = 600,
    months: Annotated[int, typer.Option(min=1, max=12, help="月数 / months of 2025")] = 12,
    port: Port = 8080,
    practice: Annotated[
        bool, typer.Option("--practice", help="练习：几户几房几件未结事项 / a small office to practise in")
    ] = False,
) -> None:
    """演示 / play an invented office's 2025, then serve it."""
    from api.cli.commands_serve import play, practise

    if practice:
        practise(port=port if serve_after else None)
        return
    play(households=households, months=months, port=port if serve_after else None)


@app.command()
@plain
def serve(
    port: Port = 8080,
    host: Annotated[str, typer.Option(help="监听地址 / the address to listen on")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="进程数 / processes that serve")] = 1,
    work_too: Annotated[bool, typer.Option("--work/--no-work", help="同时运行时钟 / run the clock")] = True,
) -> None:
    """启动服务 / serve the API; without --host on this machine only."""
    from api.cli.commands_serve import serve_forever

    serve_forever(host, port, workers=workers, work=work_too)


@app.command()
@plain
def work(
    once: Annotated[bool, typer.Option("--once", help="办完即止 / stop when nothing is due")] = False,
    every: Annotated[float, typer.Option(min=0.1, max=3600, help="秒 / seconds between looks")] = 5.0,
    json: Json = False,
) -> None:
    """运行时钟 / run the clock: fire what has fallen due."""
    from api.cli.commands_serve import run_clock

    run_clock(once=once, every=every, as_json=json)


@app.command(name="import")
@plain
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, .gz")],
    mapping: Annotated[Path, typer.Option("--mapping", help="映射文件 / mapping (TOML)")],
    office: OfficeOption,
    json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查 / decide everything, write nothing")] = False,
    problems: Annotated[Optional[Path], typer.Option(help="问题文件 / problem file")] = None,  # noqa: UP045
) -> None:
    """导入其他系统的历史 / import another system's history."""
    from api.cli.commands_serve import import_file

    import_file(file, mapping, office, as_json=json, dry_run=dry_run, problems=problems)


@app.command()
@plain
def register(
    name: Annotated[Optional[str], typer.Argument(help="登记簿 / register; none: list them")] = None,  # noqa: UP045
    office: Annotated[Optional[str], typer.Option("--office", help="管理处代码 / the office's code")] = None,  # noqa: UP045
    as_of: AsOf = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    json: Json = False,
    reveal: Annotated[
        bool, typer.Option("--open", help="显示个人信息（记录在案）/ show personal data (recorded)")
    ] = False,
) -> None:
    """登记簿 / the registers, or one as it stands or stood."""
    from api.cli.commands import show_register

    show_register(name, office, as_of, "json" if json else form, reveal=reveal)


@app.command()
@plain
def timeline(
    office: OfficeOption,
    late: Annotated[bool, typer.Option("--late", help="只看补录 / only late entries")] = False,
    as_of: AsOf = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json")] = "table",
    json: Json = False,
) -> None:
    """大事记 / the book line by line: what, when, by whom, how late."""
    from api.cli.commands import show_timeline

    show_timeline(office, as_of, "json" if json else form, late=late)


@app.command()
@plain
def standards(
    slug: Annotated[Optional[str], typer.Argument(help="标准 / standard; none: all")] = None,  # noqa: UP045
    office: Annotated[Optional[str], typer.Option("--office", help="缺省：全公司 / default: all")] = None,  # noqa: UP045
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    cases: Annotated[Optional[str], typer.Option(help="met, missed, not-yet-due, excluded")] = None,  # noqa: UP045
    by: Annotated[Optional[str], typer.Option(help="趋势 / trend by month, quarter, year")] = None,  # noqa: UP045
    json: Json = False,
) -> None:
    """标准 / the standards: value, target, kept or not, clause."""
    from api.cli.commands import show_standards
    from api.cli.commands_trend import show_trend

    first, last = (each.date() if each else None for each in (since, until))
    if by is not None:
        show_trend(slug, office, first, last, as_of, by, as_json=json)
        return
    show_standards(slug, office, first, last, as_of, cases, as_json=json)


@app.command()
@plain
def compliance(
    office: Annotated[Optional[str], typer.Option("--office", help="缺省：全公司 / default: all")] = None,  # noqa: UP045
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    form: Annotated[str, typer.Option("--format", help="table, json, csv, xlsx")] = "table",
    json: Json = False,
    file: Annotated[Optional[Path], typer.Option("--file", help="写入文件 / into this file")] = None,  # noqa: UP045
) -> None:
    """合规报告 / the compliance report, clause by clause."""
    from api.cli.commands import show_compliance

    first, last = (since.date() if since else None), (until.date() if until else None)
    show_compliance(office, first, last, as_of, "json" if json else form, file)


@app.command()
@plain
def clock(
    office: OfficeOption,
    to: Annotated[Optional[str], typer.Option(help="拨至 / until when; none: what it shows")] = None,  # noqa: UP045
    json: Json = False,
) -> None:
    """模拟时钟 / a simulated office's clock: what it shows, or moved."""
    from api.cli.commands_clock import move_clock

    move_clock(office, to, as_json=json)


@app.command()
@plain
def deadlines(
    office: Annotated[Optional[str], typer.Option("--office", help="缺省：全部 / default: all")] = None,  # noqa: UP045
    parked: Annotated[bool, typer.Option("--parked", help="只列搁置的 / only what the clock gave up")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="重新办理搁置的 / take up again what was parked")] = False,
    json: Json = False,
) -> None:
    """期限 / what is owed a date, and what the clock gave up."""
    from api.cli.commands_deadlines import retry_parked, show_deadlines

    if retry:
        retry_parked(office)
    else:
        show_deadlines(office, parked=parked, as_json=json)


@app.command()
@plain
def facts(
    office: OfficeOption,
    after: Annotated[int, typer.Option(min=0, help="此页之后 / after this page")] = 0,
    limit: Annotated[int, typer.Option(min=0, help="条数，0: 全部 / how many, 0: all")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="持续 / go on with what comes")] = False,
    json: Json = False,
) -> None:
    """台账 / the facts of an office (--json: CloudEvents)."""
    from api.cli.commands_book import show_facts

    show_facts(office, after, limit, follow=follow, as_json=json)


@app.command()
@plain
def verify(
    office: Annotated[Optional[str], typer.Option("--office", help="缺省：全部 / default: all")] = None,  # noqa: UP045
    pages: Annotated[bool, typer.Option("--pages", help="只核验页 / the pages alone")] = False,
    against: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--against", help="备份：其末页须仍在 / a backup, whose last pages must still stand"),
    ] = None,
    json: Json = False,
) -> None:
    """核验台账及其所系 / verify that nothing was touched (exit 1 if so)."""
    from api.cli.commands_book import verify_books

    raise typer.Exit(verify_books(office, pages=pages, against=against, as_json=json))


@app.command()
@plain
def rebuild(
    compare: Annotated[bool, typer.Option("--compare", help="只比较，不作改动 / change nothing (exit 1)")] = False,
    mend: Annotated[Optional[str], typer.Option("--mend", help="更正的理由 / why rows are mended")] = None,  # noqa: UP045
    json: Json = False,
) -> None:
    """重建登记簿 / rebuild all registers from the facts."""
    from api.cli.commands_book import rebuild_registers

    raise typer.Exit(rebuild_registers(compared=compare, mend=mend, as_json=json))


@app.command()
@plain
def backup(folder: Annotated[Path, typer.Argument(help="新文件夹 / a new folder")]) -> None:
    """备份（运行中亦可）/ a backup, while the program runs."""
    from api.cli.commands_backup import back_up

    back_up(folder)


@app.command()
@plain
def restore(
    folder: Annotated[Path, typer.Argument(help="备份 / the backup")],
    erasures: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--erasures", help="最新的销毁清单 erased.keys / the newest list of erasures"),
    ] = None,
    without: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--without-erasures", help="没有清单的理由 / why there is none (written down)"),
    ] = None,
) -> None:
    """恢复到空的家目录 / into an empty home; rebuilds, verifies (exit 1)."""
    from api.cli.commands_backup import bring_back

    raise typer.Exit(bring_back(folder, erasures, without))


@keys.command("erased")
@plain
def key_erased(
    file: Annotated[Path, typer.Argument(help="最新的销毁清单 erased.keys / the newest list of erasures")],
) -> None:
    """物理恢复后：按清单再销毁 / after a physical restore: destroy what is listed."""
    from api.cli.commands_backup import erase_again

    erase_again(file)


@keys.command("rotate")
@plain
def key_rotate() -> None:
    """更换主密钥（先停止其他程序）/ another master key; stop the rest first."""
    from api.cli.commands_backup import rotate_key

    rotate_key()


@app.command()
@plain
def migrate() -> None:
    """更新数据库 / bring the database up to date (exit 1: a case cannot be read)."""
    from api.cli.commands_book import migrate_database

    raise typer.Exit(migrate_database())


@app.command()
@plain
def clean(yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False) -> None:
    """删除本机数据 / stop the database, remove its data."""
    from api.cli.commands_serve import remove_everything

    remove_everything(sure=yes)


def main() -> None:
    """Entry point of ``wuye``."""
    # Told to stop, it leaves in order: whoever comes last out stops the embedded database.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        app()
    except SystemExit as ended:
        _leave(ended.code)
        raise


def _leave(code: object) -> None:
    """Leave at once where threads still work: one that writes while the interpreter ends aborts it, with 134 instead of this code."""
    if (code is None or isinstance(code, int)) and any(each.daemon for each in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


if __name__ == "__main__":
    main()
