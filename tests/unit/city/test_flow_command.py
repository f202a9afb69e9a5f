"""``wangge flow``: what is said of flows in a file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.flow import command
from deploy.cli.main import build

FLOW = """
- code: visits
  names: {zh: 走访, en: Visits}
  start: visit
  states:
    - code: visit
      names: {zh: 走访, en: Visit}
      limit: LIMIT
      turns:
        - {code: again, names: {zh: 再次, en: Again}, to: visit, at_most: 2}
        - {code: done, names: {zh: 办结, en: Done}, to: over}
    - {code: over, names: {zh: 办结, en: Over}, missed: true}
"""


def checked(folder: Path, flow: str) -> tuple[int, dict[str, object]]:
    file = folder / "flows.yaml"
    file.write_text(flow, encoding="utf-8")
    result = CliRunner().invoke(command, ["check", str(file), "--json"])
    told: dict[str, object] = json.loads(result.stdout)
    return result.exit_code, told


@pytest.mark.parametrize(
    ("limit", "needs"), [("1 wd", ["visits"]), ("2 wh", ["visits"]), ("1 d", [])]
)
def test_limits_in_working_time_are_sound_and_need_a_calendar(
    tmp_path: Path, limit: str, needs: list[str]
) -> None:
    """Whether there is one only the registry knows, which refuses the import where there is not."""
    code, told = checked(tmp_path, FLOW.replace("LIMIT", limit))
    assert (code, told["clean"], told["faults"]) == (0, True, [])
    assert told["need_calendar"] == needs


def test_what_is_not_sound_is_told_whatever_calendar_it_needs(tmp_path: Path) -> None:
    code, told = checked(tmp_path, FLOW.replace("LIMIT", "1 wd").replace(", at_most: 2", ""))
    assert (code, told["clean"]) == (1, False)
    assert [one["code"] for one in told["faults"]] == ["renews_its_clock"]  # type: ignore[attr-defined]


def test_a_flow_is_shown_with_how_often_and_how_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "flows.yaml"
    file.write_text(FLOW.replace("LIMIT", "1 d"), encoding="utf-8")
    shown = CliRunner().invoke(command, ["show", str(file)]).stdout
    assert "at most 2 times 最多 2 次" in shown
    assert "missed 未完成" in shown


UNSOUND = """
- code: a
  names: {zh: 甲, en: A}
  start: s
  states:
    - code: s
      names: {zh: 始, en: S}
      turns: [{code: t, names: {zh: 去, en: T}, by: unit, to: e}]
    - code: e
      names: {zh: 终, en: E}
"""


def test_what_is_wrong_with_a_flow_is_said_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "flows.yaml"
    file.write_text(UNSOUND, encoding="utf-8")
    result = CliRunner().invoke(build(["flow"]), ["flow", "check", str(file)])
    assert result.exit_code == 1
    assert "no_clock: flow a, state s: whoever has it could keep it for ever" in result.output
    assert "没有时限，可被无限期搁置；请设置时限" in result.output
