"""Words of mistakes and how they are mended 差错更正 (§1): of every kind of case."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "acted": ("经办人员", "who acted"),
    "after": ("更正为", "now says"),
    "before": ("原登记", "said before"),
    "corrected_field": ("更正栏目", "corrected field"),
    "corrections_made": ("更正记录", "corrections made"),
    "duplicate": ("重复件", "the duplicate"),
    "duplicates": ("已并入的重复件", "duplicates merged"),
    "EntryCorrected.entry": ("原登记所在记录", "the fact that said it"),
    "mended": ("更正种类", "how it was mended"),
    "mended_at": ("更正时间", "mended at"),
    "mended_on": ("更正日期", "mended on"),
    "opened_by": ("登记人", "entered by"),
    "origin": ("所由事项", "what it came from"),
    "original": ("原件", "the original"),
    "other": ("原件或所由事项", "the original, or what it came from"),
    "PersonalEntryCorrected.entry": ("原登记所在记录", "the fact that said it"),
    "set_aside": ("不计入", "out of the figures"),
    "taken_back": ("所撤记录", "the facts that were taken back"),
    "steps_withdrawn": ("已撤步骤", "steps withdrawn"),
    "StepWithdrawn.withdrawn": ("所撤事实", "what was taken back"),
    "WithdrawStep.entry": ("所撤步骤的位置", "place of the step in the case"),
    "CorrectEntry.value": ("更正为", "now says"),
    "written": ("各栏登记人", "who wrote which field"),
    "written_by": ("原登记人", "written by"),
    "papers": ("照片与资料", "photos and papers"),
    "about": ("所示事项", "what it shows"),
}
