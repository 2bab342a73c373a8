"""Words of §1: the office and its people 管理处、人员."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "proposal": ("变更申请编号", "number of the proposal"),
    "requested_by": ("提出人", "requested by"),
    "proposals": ("待确认的设定变更", "changes that wait for a second person"),
    "confirmed_by": ("确认人", "confirmed by"),
    "assigned_by": ("指派人", "assigned by"),
    "changes": ("设定变更", "changes of settings"),
    "deputy": ("代理人", "deputy"),
    "of_case": ("所属事项", "case of the task"),
    "simulated": ("模拟管理处", "simulated"),
    "successor": ("接任人", "successor"),
    "task": ("任务", "task"),
    "value": ("设定值", "value"),
    "value_raw": ("设定值（原值）", "value as it is kept"),
    "OfficeOpened.code": ("管理处代码", "code of the office"),
    "OpenOffice.code": ("管理处代码", "code of the office"),
    "Office.code": ("管理处代码", "code of the office"),
    "OfficeOpened.name": ("管理处名称", "name of the office"),
    "OpenOffice.name": ("管理处名称", "name of the office"),
    "Office.name": ("管理处名称", "name of the office"),
    "SettingChanged.name": ("设定名称", "name of the setting"),
    "ChangeSetting.name": ("设定名称", "name of the setting"),
    "Change.name": ("设定名称", "name of the setting"),
    "StaffEnrolled.name": ("姓名", "name"),
    "EnrolStaff.name": ("姓名", "name"),
    "StaffMember.name": ("姓名", "name"),
    "StaffRow.name": ("姓名", "name"),
}
