"""Bugs of what is found once instead of each time: a class's plan, a word's steps, a text's value (ADR 0051)."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["PLANS"]

_PLAN, _OF_PLANS = "workflows/engine/plan.py", ("tests/workflows/test_plan.py",)
_WORDS = ("tests/importing/test_steps_by_word.py",)

PLANS = (
    Bug(
        "what a class of commands refers to is not looked up",
        _PLAN,
        "refers=corrects or refers(command),",
        "refers=corrects,",
        _OF_PLANS,
    ),
    Bug(
        "what a correction refers to is not looked up",
        _PLAN,
        "refers=corrects or refers(command),",
        "refers=refers(command),",
        _OF_PLANS,
    ),
    Bug(
        "what an office's case leads a decision to is not read",
        _PLAN,
        " or command.related_to is not Command.related_to,",
        ",",
        _OF_PLANS,
    ),
    Bug(
        "a register's case is not read where the command names none",
        _PLAN,
        "led=command.led_to is not Command.led_to or command in FOUND,",
        "led=command.led_to is not Command.led_to,",
        _OF_PLANS,
    ),
    Bug(
        "a home alone is no reference to the roster",
        "domain/kernel/references.py",
        'bool(_referring(command)) or any(each.name == "home" for each in fields(command))',
        "bool(_referring(command))",
        _OF_PLANS,
    ),
    Bug(
        "a step that asks for more than its word is taken for certain",
        "workflows/importing/rules.py",
        "and all(map(self._settled, step.when.tests)))",
        "and any(map(self._settled, step.when.tests)))",
        _WORDS,
    ),
    Bug(
        "a step of the first row is found by its word in every row",
        "workflows/importing/rules.py",
        "step.when == Condition(tests=step.when.tests) and",
        "bool(step.when.tests) and",
        _WORDS,
    ),
    Bug(
        "what is odd about a text is noted once",
        "workflows/importing/binding.py",
        "                    elif place >= 0 and len(known) < _MOST_KNOWN and len(",
        "                    if place >= 0 and len(known) < _MOST_KNOWN and len(",
        ("tests/importing/test_import_interpret.py",),
    ),
    Bug(
        "a restated record says all as it stood",
        "domain/kernel/record.py",
        "read(record), strict=True)), **otherwise})",
        "read(record), strict=True))})",
        ("tests/domain/kernel/test_record.py",),
    ),
)
