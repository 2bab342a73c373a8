"""What follows for convenience services and their contracts (§6, §5.2.3(5), §5.2.3(8))."""

from __future__ import annotations

from collections.abc import Iterator

from domain.handbook.settings import Numbers
from domain.kernel.calendar import local_date
from domain.kernel.fact import Fact
from domain.services.service_contract import ServiceContract, ServiceContractEnded, ServiceContractSigned
from domain.services.service_order import ServiceAccepted, ServiceOrder
from domain.visits.follow_up.case import visit_id
from domain.visits.follow_up.commands.ending import LapseFollowUp
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import FollowUpType, LapseReason
from workflows.engine.policy import Consequence, Policy, whenever


def visit_in_the_middle_of_the_term(contract: ServiceContract, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """特约服务中期回访 · Visit in the middle of a special service's term."""
    if not fact.imported and contract.ends_on is not None:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.SPECIAL_SERVICE,
                anchor=contract.ends_on,
                term_from=contract.starts_on,
                origin_kind="service_contract",
                origin_id=contract.id,
                household=contract.household,
                home=contract.home,
                responsible=contract.provider,
                chain=f"{contract.id}:middle",
            ),
            opens=visit_id(f"{contract.id}:middle", 1),
        )


def ask_no_more_in_the_middle_of_what_has_ended(
    contract: ServiceContract, fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """合同提前终止，中期回访随之失效 · A contract that ends early is not visited in its middle any more."""
    if contract.early and not fact.imported:
        yield Consequence(LapseFollowUp(reason=LapseReason.ENDED_EARLY), to=visit_id(f"{contract.id}:middle", 1))


def visit_after_the_term(contract: ServiceContract, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """特约服务结束后回访 · Visit after a special service ended."""
    if not fact.imported and contract.ended_on is not None:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.SPECIAL_SERVICE,
                anchor=contract.ended_on,
                origin_kind="service_contract",
                origin_id=contract.id,
                household=contract.household,
                home=contract.home,
                responsible=contract.provider,
                chain=f"{contract.id}:end",
            )
        )


def visit_after_every_service(order: ServiceOrder, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """便民服务完成后一周内回访 · Visit within a week after a convenience service."""
    if not fact.imported:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.OTHER,
                anchor=local_date(order.performed_at or fact.occurred_at),
                origin_kind="service_order",
                origin_id=order.id,
                household=order.household,
                home=order.home,
                responsible=order.worker,
                chain=order.id,
            )
        )


SERVICES: tuple[Policy, ...] = (
    whenever(ServiceContractSigned, then=visit_in_the_middle_of_the_term, clause="5.2.3(5)"),
    whenever(ServiceContractEnded, then=ask_no_more_in_the_middle_of_what_has_ended, clause="5.2.3(5)"),
    whenever(ServiceContractEnded, then=visit_after_the_term, clause="5.2.3(5)"),
    whenever(ServiceAccepted, then=visit_after_every_service, clause="5.2.3(8)"),
)
