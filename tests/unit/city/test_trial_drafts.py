"""What an import of rules would refuse, ``wangge dispatch try`` refuses as well."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import build
from deploy.feeds.errors import FeedError

LIST = """\
- code: "9901"
  rules: []
- code: "990101"
  rules:
    - {code: all, names: {zh: 全, en: All}, lead: {unit: u}}
    - {code: bins, names: {zh: 桶, en: Bins}, lead: {unit: u}, when: {matters: [bin]}}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LIST, r"1 mistake, nothing was tried\n  line 3: unreachable_rule: .* rule 2 \(bins\)"),
        (LIST.replace("matters:", "matter:"), r"line 6: .*when\.matter: there is no field"),
    ],
)
def test_a_draft_that_an_import_refuses_is_not_tried(tmp_path: Path, text: str, said: str) -> None:
    (path := tmp_path / "draft.yaml").write_text(text)
    done = CliRunner().invoke(build(["dispatch"]), ["dispatch", "try", "--rules", str(path)])
    assert isinstance(done.exception, FeedError)
    with pytest.raises(FeedError, match=said):
        raise done.exception


def test_what_is_wrong_with_a_draft_is_told_in_chinese_by_line(tmp_path: Path) -> None:
    (path := tmp_path / "draft.yaml").write_text(LIST)
    done = CliRunner().invoke(build(["dispatch"]), ["dispatch", "try", "--rules", str(path)])
    assert isinstance(done.exception, FeedError)
    assert done.exception.zh.endswith("\n  第 3 行：前面的规则总会先适用，该规则永不适用")
