"""What is installed, locked and checked before anything runs."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import deploy
import services
import shared
from deploy.cli.main import COMMANDS
from deploy.local.paths import CHECKOUT

LOCK = (CHECKOUT / "requirements.lock").read_text()
DOCTOR = CHECKOUT / "deploy/local/doctor.sh"


@pytest.mark.parametrize("package", [deploy, services, shared])
def test_the_packages_are_those_of_this_checkout(package: object) -> None:
    assert Path(str(package.__file__)).is_relative_to(CHECKOUT)  # type: ignore[attr-defined]


def test_the_command_is_installed() -> None:
    (found,) = entry_points(group="console_scripts", name="wangge")
    assert found.value == "deploy.cli.main:main"


def test_every_locked_package_has_its_hashes_and_no_address() -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert len(entries) > 60
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_everything_that_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["local"],
        *project["dependency-groups"]["dev"],
    ]
    names = {re.split(r"[\[<>=~;! ]", one)[0].lower().replace("_", "-") for one in asked}
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK, flags=re.MULTILINE))
    assert names <= locked


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_there_and_explains_itself(command: object) -> None:
    name = command.name  # type: ignore[attr-defined]
    told = subprocess.run(
        [sys.executable, "-m", "deploy.cli", name, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert re.search(r"[\u4e00-\u9fff]", told.stdout)


def test_help_imports_no_command_and_no_driver() -> None:
    program = (
        "import sys; from deploy.cli.main import build; build(['--help']);"
        "print([m for m in ('pymongo', 'aiokafka', 'deploy.cli.up') if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\n"


def test_the_doctor_finds_a_python_that_is_new_enough() -> None:
    told = subprocess.run(["sh", DOCTOR], capture_output=True, text=True, check=True)
    assert Path(told.stdout.strip()).exists()


def test_the_doctor_names_all_that_is_missing_and_how_to_get_it(tmp_path: Path) -> None:
    for tool in ("uname", "getconf", "grep", "cut"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    (tmp_path / "getconf").unlink()
    (tmp_path / "getconf").write_text("#!/bin/sh\necho glibc 2.31\n")
    (tmp_path / "getconf").chmod(0o755)
    shell = shutil.which("sh")
    assert shell is not None
    told = subprocess.run(
        [shell, DOCTOR],
        env={"PATH": str(tmp_path), "PYTHON": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stdout == ""
    assert "Python 3.11 or newer" in told.stderr
    assert "glibc 2.34 or newer (here: 2.31)" in told.stderr
    assert "install python3 python3-venv" in told.stderr


def test_make_help_explains_every_target() -> None:
    told = subprocess.run(
        ["make", "-C", CHECKOUT, "--no-print-directory"],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    phony = re.search(r"^\.PHONY: (.+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    explained = re.findall(r"^  make (\w+)", told.stdout, re.MULTILINE)
    assert sorted(explained) == sorted(phony.group(1).split())
