"""Assignment of a task 任务指派 (§1): a promise of a case is given to a person, whoever the case itself names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, step
from domain.kernel.mending import MISTAKEN
from domain.kernel.people import Role
from domain.kernel.rules import blank, broken, forbid
from domain.office.responsibility import DUTIES

ASSIGNED, WITHDRAWN = "assigned", "withdrawn"


@event()
class TaskAssigned(Event):
    """任务已指派 · Task assigned."""

    of_case: str
    task: str
    person: str
    note: str | None = None


@event()
class TaskReassigned(Event):
    """任务已改派 · Task given to somebody else."""

    person: str
    reason: str


@event()
class AssignmentWithdrawn(Event):
    """任务指派已撤回 · Assignment withdrawn."""


@dataclass(slots=True, kw_only=True)
class Assignment(Case):
    """Who has the task ``task`` (a deadline's kind) of the case ``of_case``."""

    CORRECTS = ("note",)

    of_case: str = ""
    task: str = ""
    person: str = ""
    note: str | None = None
    assigned_by: str | None = None
    assigned_at: datetime | None = None


def evolve(assignment: Assignment, fact: Fact) -> None:
    """Fold one fact into the assignment."""
    match fact.event:
        case TaskAssigned() as e:
            assignment.of_case, assignment.task, assignment.person = e.of_case, e.task, e.person
            assignment.note, assignment.assigned_by, assignment.assigned_at = e.note, fact.user_id, fact.occurred_at
        case TaskReassigned() as e:
            assignment.person, assignment.assigned_by, assignment.assigned_at = e.person, fact.user_id, fact.occurred_at


@command
class AssignTask(Command):
    """指派任务 · Assign a task."""

    of_case: str
    task: str
    person: str
    note: str | None = None

    def related(self) -> dict[str, str]:
        """The case; it must exist in this office."""
        return {"case": self.of_case}

    def decide(self, _assignment: None, _at: Moment) -> Iterator[Event]:
        """What people owe a date, to a person of the staff (§1); one that was withdrawn can be assigned again."""
        forbid(blank(self.person, "person", "1", "请填写承办人", "say to whom"))
        kind = self.of_case.partition("-")[0]
        tasks = [task for (of, task), duty in DUTIES.items() if of == kind and duty.role is not Role.CLOCK]
        if self.task not in tasks:
            listed = "、".join(tasks) or "—"
            zh, en = f"该事项没有这项待办，可指派：{listed}", f"the case has no such task; it has: {listed}"
            raise broken("task-unknown", "1", zh, en, "task")
        yield self.to_event(TaskAssigned)


@command
class ReassignTask(Command):
    """改派任务 · Give the task to somebody else."""

    person: str
    reason: str

    def decide(self, assignment: Assignment, _at: Moment) -> Iterator[Event]:
        """With the reason (§1)."""
        if self.person == assignment.person:
            raise broken("same-person", "1", "承办人未变", "they have it already", "person")
        yield self.to_event(TaskReassigned)


@command
class WithdrawAssignment(Command):
    """撤回指派 · Withdraw the assignment.

    The task is again whose the case says (§1).
    """


_HEADS = (Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=Assignment, kind="assignment", path="assignments", zh="任务指派", en="assignment", clauses="1", evolve=evolve,
    identity=lambda command, office: f"assignment-{office}-{command.of_case}-{command.task}",
    states={ASSIGNED: ("已指派", "assigned"), WITHDRAWN: ("已撤回", "withdrawn")},
    final=[WITHDRAWN],
    steps=[
        step(AssignTask,         TaskAssigned,        None,      ASSIGNED, _HEADS, "1"),
        step(AssignTask,         TaskAssigned,        (WITHDRAWN, MISTAKEN), ASSIGNED, _HEADS, "1"),
        step(ReassignTask,       TaskReassigned,      ASSIGNED, SAME,      _HEADS, "1"),
        step(WithdrawAssignment, AssignmentWithdrawn, ASSIGNED, WITHDRAWN, _HEADS, "1"),
    ],
)
# fmt: on
