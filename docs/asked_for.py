"""What people are always asked for 必填: fields that a command leaves open for other systems' histories alone.

A history may lack what nobody here may leave out: such a field may be empty by its type, and ``decide`` asks for the
evidence first thing. That is read from ``decide`` itself and written down for the console's forms
(:mod:`api.console.asked_for`), so that none calls optional what will be refused.
"""

from __future__ import annotations

import ast
import inspect
import json
from textwrap import dedent

from domain.kernel.fact import COMMANDS, Command

__all__ = ["asked_for", "asked_for_of"]

_ASKS = "require_evidence"
_OF_A_FIELD = ("blank", "unsigned", "_unsigned")
"""How those rules begin that look at the one field that they are given first."""


def asked_for() -> str:
    """Command → such fields of it, of every command that has any: JSON."""
    found = {name: sorted(asked_for_of(COMMANDS[name])) for name in sorted(COMMANDS)}
    return json.dumps({name: fields for name, fields in found.items() if fields}, indent=1) + "\n"


def asked_for_of(command: type[Command]) -> frozenset[str]:
    """The fields whose evidence is wanted whatever else is so."""
    [made] = ast.parse(dedent(inspect.getsource(command))).body
    assert isinstance(made, ast.ClassDef)
    found = set()
    for decide in (each for each in made.body if isinstance(each, ast.FunctionDef) and each.name == "decide"):
        for statement in decide.body:
            if any(isinstance(each, ast.Return) for each in ast.walk(statement)):
                break  # what comes behind it is not always asked
            name = _asked(statement)
            if name is not None:
                found.add(name)
    return frozenset(found)


def _asked(statement: ast.stmt) -> str | None:
    """The field that this statement wants, if it wants one alone."""
    if isinstance(statement, ast.If) and not statement.orelse and len(statement.body) == 1:
        name = _missing(statement.test)
        call = _evidence(statement.body[0])
        says = call is not None and any(isinstance(each, ast.Constant) and each.value == name for each in call.args)
        return name if says else None
    call = _evidence(statement)
    if call is None or not call.args or not ast.unparse(call.func).startswith(_OF_A_FIELD):
        return None
    return _field(call.args[0])


def _evidence(statement: ast.stmt) -> ast.Call | None:
    """The rule that is given to ``at.require_evidence``."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    call = statement.value
    is_asked = isinstance(call.func, ast.Attribute) and call.func.attr == _ASKS and len(call.args) == 1
    return call.args[0] if is_asked and isinstance(call.args[0], ast.Call) else None


def _missing(test: ast.expr) -> str | None:
    """The field of which a condition says that it is not there."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _field(test.operand)
    is_none = (
        isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and ast.unparse(test.comparators[0]) == "None"
    )
    return _field(test.left) if isinstance(test, ast.Compare) and is_none else None


def _field(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" else None
