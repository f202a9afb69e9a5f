"""The committed files are those that the models make, and a break is never written."""

import json
import shutil
from pathlib import Path

import pytest

from shared.contracts import generate
from shared.contracts.cases_v1 import CaseClosed
from shared.contracts.generate import FOLDER, SCHEMAS, describe, main, run
from shared.contracts.json_schema import schemas

CLOSED = f"{SCHEMAS}/{CaseClosed.TYPE}.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("schemas", "examples"):
        shutil.copytree(FOLDER / part, tmp_path / part)
    return tmp_path


def test_the_committed_files_are_up_to_date() -> None:
    report = run(write=False)
    assert report.breaking == ()
    assert report.outdated == (), "run: make contracts"


def test_check_says_so_and_ends_with_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_a_missing_file_is_named_and_written_again(folder: Path) -> None:
    (folder / CLOSED).unlink()
    assert not run(folder, write=False).clean
    report = run(folder, write=True)
    assert report.outdated == (CLOSED,)
    assert report.clean
    assert run(folder, write=False).outdated == ()


def test_an_addition_is_written(folder: Path) -> None:
    path = folder / CLOSED
    schema = json.loads(path.read_text("utf-8"))
    del schema["properties"]["reason"]  # as if the model had gained it since
    path.write_text(json.dumps(schema), "utf-8")
    assert run(folder, write=True).clean
    assert json.loads(path.read_text("utf-8")) == schemas()[CaseClosed.TYPE]


def test_a_breaking_change_is_told_and_nothing_is_written(folder: Path) -> None:
    path = folder / CLOSED
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["signature"] = {"type": "string"}  # as if the model had lost it
    schema["required"].append("signature")
    before = json.dumps(schema)
    path.write_text(before, "utf-8")

    report = run(folder, write=True)

    assert not report.clean
    assert path.read_text("utf-8") == before
    said = "\n".join(describe(report))
    assert f"{CaseClosed.TYPE}: signature: the field was removed; keep it" in said


def test_a_removed_type_is_breaking(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {name: one for name, one in schemas().items() if name != CaseClosed.TYPE}
    monkeypatch.setattr(generate, "schemas", lambda: fewer)
    assert [one.field for one in run(folder, write=True).breaking] == ["(type)"]
    assert (folder / CLOSED).exists()
