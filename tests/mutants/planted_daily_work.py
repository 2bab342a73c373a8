"""Bugs of a clerk's desk: the next step, the next task, several at once, what is found and what stands on paper."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["CLERKS"]

_NEXT, _ONWARD, _TOGETHER, _SEARCH, _CALLS, _SAID = (
    ("tests/console/test_next_step.py",),
    ("tests/console/test_onward.py",),
    ("tests/console/test_together.py",),
    ("tests/console/test_register_search.py",),
    ("tests/console/test_household_search.py", "-k", "fault"),
    ("tests/console/test_papers_said.py",),
)

CLERKS = (
    Bug(
        "the next step of what waits leads back",
        "api/console/next_step.py",
        "        and places[target] > places[state]\n",
        "",
        _NEXT,
    ),
    Bug(
        "withdrawing is offered as the next step of what waits",
        "api/console/next_step.py",
        "        and (target == end or (target not in lifecycle.final",
        "        and (target != end or (target not in lifecycle.final",
        _NEXT,
    ),
    Bug(
        "a file is confirmed by changing its telephone",
        "api/console/next_step.py",
        "_asks(each) == (0, 0)",
        "_asks(each) == (0, 3)",
        _NEXT,
    ),
    Bug(
        "after one task the queue begins anew",
        "api/console/next_task.py",
        "return [*later, *(each for each in tasks if each not in later)]",
        "return list(tasks)",
        _ONWARD,
    ),
    Bug(
        "who is led on once is led on for ever",
        "api/console/next_task.py",
        "        answer.delete_cookie(_COOKIE, path=HOME)\n",
        "        pass\n",
        _ONWARD,
    ),
    Bug(
        "several that are given at once share one key",
        "api/console/together.py",
        "{hashlib.sha256(case.id.encode()).hexdigest()[:16]}",
        "{hashlib.sha256(b'').hexdigest()[:16]}",
        _TOGETHER,
    ),
    Bug(
        "what is signed of each is given for many",
        "api/console/bulk_actions.py",
        'return each.kind in _OF_EACH or each.name.endswith("signature") or each.name == "signed_by"',
        "return False",
        _TOGETHER,
    ),
    Bug(
        "what nobody brings back is given for many",
        "api/console/bulk_actions.py",
        "if command in _ONE_BY_ONE or has_page(command)",
        "if has_page(command)",
        _TOGETHER,
    ),
    Bug(
        "a name that is looked for in a register comes to stand in an address",
        "api/console/registers.py",
        "q=None if query.names_people else query.words or None",
        "q=(query.words or None)",
        _SEARCH,
    ),
    Bug(
        "a register finds nobody by name",
        "api/console/register_query.py",
        "query.listing.search(_folded(words), tokens if query.names_people else ())",
        "query.listing.search(_folded(words))",
        _SEARCH,
    ),
    Bug(
        "a tap elsewhere is taken for the same repair",
        "api/console/similar_repairs.py",
        "or household = %(household)s or (open and common_area is not null))",
        "or household = %(household)s or open)",
        _CALLS,
    ),
    Bug(
        "what people wrote loses its lines on paper",
        "api/console/values.py",
        "return said.striptags() if isinstance(said, Markup) else str(said)",
        "return Markup(said).striptags()",
        _SAID,
    ),
    Bug(
        "a filled-in questionnaire prints what was said before it was opened",
        "api/console/survey_answers.py",
        '    page.reader.open(list(views.values()), "surveys/paper")\n',
        "",
        ("tests/console/test_survey_links.py",),
    ),
    Bug(
        "an answered sheet ticks nothing",
        "api/console/survey_answers.py",
        "{mark.question: _ticked(mark) for mark in last.event.marks}",
        "{mark.question: _ticked(mark) for mark in ()}",
        ("tests/console/test_survey_links.py",),
    ),
)
