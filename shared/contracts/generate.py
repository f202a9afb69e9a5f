"""The committed files made from the models: JSON Schemas and golden examples.

``python -m shared.contracts.generate`` writes them, with ``--check`` it only looks. Neither passes
over a change that breaks a reader: the committed schemas are what was promised.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts.compatibility import Breaking, breaking_changes
from shared.contracts.golden import documents
from shared.contracts.json_schema import schemas

FOLDER = Path(__file__).parent
SCHEMAS, EXAMPLES = "schemas", "examples"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: changes that break readers, and files that differ from the models.

    ``outdated`` are paths relative to the folder; written ones where nothing breaks.
    """

    breaking: tuple[Breaking, ...]
    outdated: tuple[str, ...]
    written: bool

    @property
    def clean(self) -> bool:
        """Whether the committed files are as they should be now."""
        return not self.breaking and (self.written or not self.outdated)


def text(document: Mapping[str, Any]) -> str:
    """A file as it is committed: indented JSON in UTF-8."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def files() -> dict[str, str]:
    """Every file that the models make, by its path in the folder."""
    made = {f"{SCHEMAS}/{name}.json": text(schema) for name, schema in schemas().items()}
    made |= {f"{EXAMPLES}/{name}.json": text(one) for name, one in documents().items()}
    return made


def committed_schemas(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The schemas that were promised, by event type."""
    found = sorted((folder / SCHEMAS).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def run(folder: Path = FOLDER, *, write: bool) -> Report:
    """Compare the models with the folder's files, and bring these up to date unless it breaks."""
    breaking = tuple(breaking_changes(committed_schemas(folder), schemas()))
    made = files()
    there = {
        f"{part}/{path.name}": path.read_text(encoding="utf-8")
        for part in (SCHEMAS, EXAMPLES)
        for path in (folder / part).glob("*.json")
    }
    outdated = sorted(name for name in made.keys() | there if made.get(name) != there.get(name))
    writing = write and not breaking
    for name in outdated if writing else ():
        path = folder / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
    return Report(breaking, tuple(outdated), writing)


def describe(report: Report) -> list[str]:
    """What a person is told of a run, a line each."""
    lines = [f"breaking / 破坏兼容: {one}" for one in report.breaking]
    word = "written / 已写入" if report.written else "out of date / 已过期"
    lines += [f"{word}: shared/contracts/{name}" for name in report.outdated]
    if report.breaking:
        lines.append(
            "Nothing was written: within v1 only additions that an old reader can ignore. "
            "See shared/contracts/README.md. / 未写入任何文件：v1 内只允许旧读者可忽略的增补。"
        )
    elif report.outdated and not report.written:
        lines.append("Run: make contracts / 请运行：make contracts")
    elif not report.outdated:
        lines.append("The contracts' files are up to date. / 契约文件均为最新。")
    return lines


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` look; the exit status is 0 when all is as it should be."""
    report = run(write="--check" not in arguments)
    sys.stdout.write("\n".join(describe(report)) + "\n")
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
