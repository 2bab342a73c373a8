"""What a mapping makes of a list with a month to a group of columns, as the import's page shows it before anything is taken."""

from api.console.import_view import mapping_view
from tests.importing.test_wide_exports import MAPPING
from workflows.importing.mapping import parse_mapping

HEADER = ["房号", "2025-01应收", "2025-01实收", "2025-02应收", "备注"]


def test_the_columns_of_every_month_are_shown_with_what_they_become() -> None:
    rules = parse_mapping(MAPPING)
    shown = {each["header"]: each for each in mapping_view(rules, HEADER, [["1-101", "100", "90", "80", "x"]], "zh")}
    asked, paid = shown["2025-01应收、2025-02应收"], shown["2025-01实收"]
    assert asked["shown"] == ["100 80"]
    assert any("金额" in said for said in asked["becomes"])
    assert any("金额" in said for said in paid["becomes"])
    assert shown["备注"]["becomes"] == [], "what no column reads is shown as that"
    assert [each["expected"] for each in mapping_view(rules, HEADER, [], "zh") if not each["header"]] == [
        "期 / span"
    ] * 2
