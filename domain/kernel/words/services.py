"""Words of §6: services 便民服务."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "schedule_by": ("应安排时间", "to be scheduled by"),
    "not_scheduled_at": ("逾期未安排时间", "not scheduled in time at"),
    "appointments": ("预约次数", "appointments"),
    "charge_month": ("计费月份", "month it is charged to"),
    "early": ("提前终止", "ended early"),
    "first_performed_at": ("首次服务时间", "first performed at"),
    "last_rendered_at": ("最近服务时间", "last rendered at"),
    "months_charged": ("已计费月数", "months charged"),
    "ordered_on": ("预订日期", "ordered on"),
    "performed_at": ("服务时间", "performed at"),
    "performers": ("服务人员", "who performed"),
    "prices": ("历次价格", "prices"),
    "provider": ("服务单位", "provider"),
    "rendered": ("已服务次数", "times rendered"),
    "scheduled_at": ("约定时间", "scheduled for"),
    "service_item": ("服务项目", "service item"),
    "starts_on": ("开始日期", "starts on"),
    "unit": ("计价单位", "unit"),
    "unit_price_fen": ("单价（分）", "unit price in fen"),
    "wishes": ("住户要求", "wishes"),
    "charged": ("已计费月份", "months charged"),
}
