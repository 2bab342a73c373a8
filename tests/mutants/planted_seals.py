"""Bugs of what is sealed and of what a wrong clock fires: log-ins, tokens, the list of accounts, who is turned away."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["SEALS"]

_TOKENS, _AWAY, _WRONG = (
    ("tests/attacks/test_token_seals.py",),
    ("tests/attacks/test_turned_away.py",),
    ("tests/attacks/test_wrong_clock.py",),
)

SEALS = (
    Bug(
        "a token is sealed for nobody",
        "journal/token_seals.py",
        "[kind, hashed.hex(), user_id, until, password_hash]",
        "[kind, hashed.hex(), until, password_hash]",
        _TOKENS,
    ),
    Bug(
        "a token may be prolonged",
        "journal/token_seals.py",
        "[kind, hashed.hex(), user_id, until, password_hash]",
        "[kind, hashed.hex(), user_id, password_hash]",
        _TOKENS,
    ),
    Bug(
        "what a new password ended comes back with its seal",
        "journal/token_seals.py",
        "[kind, hashed.hex(), user_id, until, password_hash]",
        "[kind, hashed.hex(), user_id, until]",
        _TOKENS,
    ),
    Bug(
        "a token is a log-in",
        "journal/token_seals.py",
        "[kind, hashed.hex(), user_id, until, password_hash]",
        "[hashed.hex(), user_id, until, password_hash]",
        _TOKENS,
    ),
    Bug(
        "an account that was changed lets people in",
        "journal/account_seals.py",
        "return self._right(row[:6]) and self.tokens.right(",
        "return self.tokens.right(",
        _TOKENS,
    ),
    Bug(
        "nobody misses an account that is gone",
        "journal/account_seals.py",
        "        yield from self._missing(connection)\n",
        "",
        _TOKENS,
    ),
    Bug(
        "the next account mends the list",
        "journal/account_seals.py",
        "if listed is not None and listed[1]:",
        "if listed is not None:",
        _TOKENS,
    ),
    Bug(
        "the database says whether it is of before",
        "journal/account_seals.py",
        "        if (home / _MARK).exists():\n            return 0\n",
        "",
        _TOKENS,
    ),
    Bug(
        "a password that is hashed anew ends what was made under it",
        "api/identity.py",
        "self._seals.tokens.follow(connection, user_id, hashed)",
        "self._seals.tokens.follow(connection, user_id, stored)",
        ("tests/attacks/test_login_flood.py", "-k", "older_hash"),
    ),
    Bug(
        "what the wall is set forward by is fired at once",
        "api/firing_time.py",
        "        return expected\n",
        "        return wall + expected - expected\n",
        _WRONG,
    ),
    Bug(
        "a clock that is set right is doubted all the same",
        "api/firing_time.py",
        "            self._right, self._doubted_at = (wall, counted), None\n            return wall\n        if self._doubted_at is None:",
        "            self._right = wall, counted\n            return wall\n        if self._doubted_at is None:",
        _WRONG,
    ),
    Bug(
        "a clock ahead of the database is believed",
        "api/firing_time.py",
        "return min(here, there) if apart else here",
        "return here",
        _WRONG,
    ),
    Bug(
        "the clock at work goes by the wall",
        "api/cli/commands_serve.py",
        "repeat(lambda: clock.catch_up(fires()), stop, every)",
        "repeat(lambda: clock.catch_up(__import__('datetime').datetime.now(__import__('datetime').UTC)), stop, every)",
        _WRONG,
    ),
    Bug(
        "a known device is turned away",
        "api/http/protocol.py",
        '_HEARD: Final = (b"cookie", ',
        "_HEARD: Final = (",
        _AWAY,
    ),
    Bug(
        "an address is turned away for good",
        "api/http/early_refusals.py",
        "known.refused < _MANY or known.until < self._now()",
        "known.refused < _MANY",
        _AWAY,
    ),
    Bug(
        "who is to be turned away is heard to the end of his body",
        "api/http/protocol.py",
        "        return turned_away.of(self.client[0])\n",
        "        return turned_away.of(self.client[0][:0])\n",
        _AWAY,
    ),
    Bug(
        "a restore takes a list of erasures of another day",
        "journal/backups.py",
        "        if destroyed is not None:\n            _refuse_older_list(owner, destroyed)\n",
        "",
        ("tests/attacks/test_older_list.py",),
    ),
    Bug(
        "what the role says of dates holds for the program",
        "api/runtime.py",
        "-c datestyle=ISO ",
        "",
        ("tests/attacks/test_held_up.py", "-k", "read_dates"),
    ),
    Bug(
        "what strangers send fills the log",
        "api/http/protocol.py",
        "        self.logger = _LOG\n",
        "",
        ("tests/attacks/test_log_lines.py", "-k", "strangers_send"),
    ),
)
