"""What can happen to a household 住户 (§9), and the words in which it is told. Money is fen; windows are local dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.kernel.fact import Event, Personal, event


class Occupancy(StrEnum):
    """As what the household lives there 居住性质."""

    OWNER = "owner"  # 业主
    TENANT = "tenant"  # 租户、使用人


class Preference(StrEnum):
    """How the household wants to be reached 联系偏好."""

    TELEPHONE = "telephone"  # 电话
    MESSAGE = "message"  # 短信、网络
    LETTER = "letter"  # 信函
    VISIT = "visit"  # 上门


class Relation(StrEnum):
    """Who somebody is in the household 与户主关系."""

    HEAD = "head"  # 户主
    SPOUSE = "spouse"  # 配偶
    CHILD = "child"  # 子女
    PARENT = "parent"  # 父母
    RELATIVE = "relative"  # 其他亲属
    CO_TENANT = "co-tenant"  # 合租人
    EMPLOYEE = "employee"  # 保姆、护工
    EMERGENCY_CONTACT = "emergency-contact"  # 紧急联系人


class VehicleKind(StrEnum):
    """What stands in the garage 车辆类别."""

    CAR = "car"  # 汽车
    MOTORCYCLE = "motorcycle"  # 摩托车
    ELECTRIC_BICYCLE = "electric-bicycle"  # 电动自行车


class ContractKind(StrEnum):
    """Which agreement is filed 合同类别."""

    SERVICE_AGREEMENT = "service-agreement"  # 物业服务合同
    COVENANT = "covenant"  # 管理规约
    PURCHASE = "purchase"  # 购房合同
    LEASE = "lease"  # 租赁合同
    PARKING = "parking"  # 车位合同
    OTHER = "other"  # 其他


class ConsentPurpose(StrEnum):
    """For what the household lets its data be used 同意用途."""

    CONTACT = "contact"  # 服务联系
    SURVEY = "survey"  # 征求意见
    PHOTOGRAPHS = "photographs"  # 活动照片
    FACE_ACCESS = "face-access"  # 人脸门禁
    THIRD_PARTIES = "third-parties"  # 提供给第三方


@event()
class HouseholdOpened(Event):
    """住户档案已建立 · Household file opened."""

    home: str
    occupancy: Occupancy
    area: int | None = None
    building: str | None = None
    name: Personal | None = None
    phone: Personal | None = None
    people: Personal | None = None
    update_by: date | None = None
    move_in: str | None = None


@event()
class ContactChanged(Event):
    """联系方式已变更 · Contact changed."""

    name: Personal | None = None
    phone: Personal | None = None
    preference: Preference | None = None
    update_by: date | None = None


@event()
class PeopleChanged(Event):
    """家庭成员已变更 · People of the household changed."""

    people: Personal
    update_by: date | None = None


@event()
class HouseholdNoteAdded(Event):
    """档案已补充 · Note added to the file."""

    note: Personal
    update_by: date | None = None


@event()
class HouseholdMarkedDifficult(Event):
    """已列为配合困难住户 · Household marked as difficult."""

    reason: Personal


@event()
class DifficultMarkRemoved(Event):
    """已取消困难标记 · Difficult mark removed."""


@event()
class FileRead(Event):
    """档案已查阅 · File read."""

    purpose: str


@event()
class FileReadingRefused(Event):
    """查阅档案被拒 · Reading of the file refused."""

    who: str
    reason: str


@event()
class HouseholdLeft(Event):
    """住户已迁出 · Household moved out."""

    left_on: date
    retained_until: date


@event()
class PersonAdded(Event):
    """家庭成员已登记 · Person added to the household.

    ``subject`` has a key of its own, so that one who leaves can be erased without the others.
    """

    SUBJECT = "subject"

    number: int
    relation: Relation
    name: Personal | None = None
    phone: Personal | None = None
    update_by: date | None = None
    subject: str | None = None


@event()
class PersonRemoved(Event):
    """家庭成员已注销 · Person removed from the household."""

    number: int
    update_by: date | None = None


@event()
class VehicleAdded(Event):
    """车辆已登记 · Vehicle added."""

    number: int
    kind: VehicleKind
    plate: Personal | None = None
    space: str | None = None
    update_by: date | None = None


@event()
class VehicleRemoved(Event):
    """车辆已注销 · Vehicle removed."""

    number: int
    update_by: date | None = None


@event()
class PetAdded(Event):
    """宠物已登记 · Pet added."""

    number: int
    species: str
    licence: Personal | None = None
    vaccinated_until: date | None = None
    update_by: date | None = None


@event()
class PetRemoved(Event):
    """宠物已注销 · Pet removed."""

    number: int
    update_by: date | None = None


@event()
class ContractFiled(Event):
    """合同已归档 · Contract filed."""

    kind: ContractKind
    signed_on: date
    valid_until: date | None = None
    document: str | None = None
    update_by: date | None = None


@event()
class DocumentFiled(Event):
    """资料已归档 · Document filed."""

    document: str
    kind: str
    media_type: str
    size: int
    title: Personal | None = None
    update_by: date | None = None


@event()
class ConsentGiven(Event):
    """已同意使用个人信息 · Consent given."""

    purpose: ConsentPurpose
    until: date | None = None
    signature: Personal | None = None


@event()
class ConsentWithdrawn(Event):
    """已撤回同意 · Consent withdrawn."""

    purpose: ConsentPurpose


@event()
class FileConfirmed(Event):
    """档案已核对 · File confirmed."""

    update_by: date | None = None


@event()
class FileFoundNeglected(Event):
    """档案逾期未更新 · File neglected for a quarter."""

    due_at: datetime


@event()
class MoveInLinked(Event):
    """入住手续已关联 · The move-in is linked to the file."""

    move_in: str


@event()
class ExportRequested(Event):
    """已申请导出 · Export requested."""

    purpose: str


@event()
class FileExported(Event):
    """档案已导出 · Everything held about the household exported."""

    purpose: str
    facts: int


@event()
class RetentionEnded(Event):
    """保管期已满 · Retention ended."""

    ended_on: date


@event()
class ErasureRefused(Event):
    """删除请求被拒 · Erasure refused."""

    ground: str
    requested: bool = True
    reason: str | None = None


@event()
class ErasureRequested(Event):
    """已申请删除 · Erasure requested."""

    reason: str


@event()
class ErasureDeclined(Event):
    """删除未获批准 · Erasure declined."""

    ground: str


@event()
class HouseholdErased(Event):
    """个人信息已销毁 · Personal data destroyed for good."""

    subjects: tuple[str, ...]

    def destroys(self) -> tuple[str, ...]:
        """The household's key, and those of everybody and everything that went with it."""
        return self.subjects


@event()
class PersonErased(Event):
    """迁出成员信息已销毁 · The personal data of one who left were destroyed."""

    number: int
    reason: str
    subjects: tuple[str, ...]

    def destroys(self) -> tuple[str, ...]:
        """That person's own key: the household's stays."""
        return self.subjects


@dataclass(frozen=True, slots=True)
class Person:
    """One who lives there 家庭成员; name and telephone are sealed."""

    relation: Relation
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One of the household's vehicles 车辆; the plate is sealed."""

    kind: VehicleKind
    plate: str | None = None
    space: str | None = None


@dataclass(frozen=True, slots=True)
class Pet:
    """One of the household's pets 宠物; the licence is sealed."""

    species: str
    licence: str | None = None
    vaccinated_until: date | None = None


@dataclass(frozen=True, slots=True)
class FiledContract:
    """One filed contract 合同; ``document`` is the SHA-256 of its paper."""

    kind: ContractKind
    signed_on: date
    valid_until: date | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One filed document 资料, whose SHA-256 is its name; the title is sealed, ``size`` is in bytes."""

    kind: str
    media_type: str
    size: int
    title: str | None = None
