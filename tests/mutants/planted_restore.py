"""Bugs of backups and restores, of a rotation that is cut off, and of cases that nobody can read to their end."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["RESTORE"]

_RESTORE, _SPOILT = "tests/attacks/test_restore.py", "tests/attacks/test_spoilt.py"

RESTORE = (
    Bug(
        "verifying passes over a case that nobody can read to its end",
        "projections/engine/book_check.py",
        "            *_spoilt(read),\n",
        "",
        (_SPOILT, "-k", "verifying"),
    ),
    Bug(
        "an upgrade says nothing of what it could not read",
        "api/cli/commands.py",
        "            print_spoilt(runtime.rebuilt.spoilt)\n",
        "            print_spoilt(())\n",
        (_SPOILT, "-k", "upgrade"),
    ),
    Bug(
        "an upgrade that left a case behind is a success",
        "api/cli/commands_book.py",
        "        return int(runtime.rebuilt is not None and bool(runtime.rebuilt.spoilt))\n",
        "        return 0\n",
        (_SPOILT, "-k", "upgrade"),
    ),
    Bug(
        "a restore says nothing of what it could not read",
        "api/cli/commands_backup.py",
        "    print_spoilt(rebuilt.spoilt)\n",
        "",
        (_SPOILT, "-k", "restore"),
    ),
    Bug(
        "a restore that was cut off is taken for a book",
        "api/runtime.py",
        "    refuse_half_restored(home)\n",
        "",
        (_RESTORE, "-k", "no_book"),
    ),
    Bug(
        "a second restore that is refused makes a book of the first",
        "journal/backups.py",
        "        if not stood:\n            mark.unlink()\n",
        "        mark.unlink()\n",
        (_RESTORE, "-k", "no_book"),
    ),
    Bug(
        "a rotation that was cut off between its files stops every start",
        "journal/key_rotation.py",
        "    with suppress(FileExistsError):  # it was cut off between these two lines\n        os.link(file, ended)\n",
        "    os.link(file, ended)\n",
        (_RESTORE, "-k", "two_files"),
    ),
    Bug(
        "two backups write into one folder",
        "journal/backups.py",
        "            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        (_RESTORE, "-k", "one_place"),
    ),
)
