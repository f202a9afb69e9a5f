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


def python_of(folder: Path, microseconds: int, *, can_make_venv: bool = True) -> Path:
    """A Python 3.11 that takes so long for its work."""
    folder.mkdir()
    venv = "" if can_make_venv else "exit 1"
    return script(
        folder / "python3.11",
        f"""case "$2" in
*version_info*) echo 3.11 ;;
*realpath*) echo "$0" ;;
*perf_counter*) echo {microseconds} ;;
*ensurepip*) {venv} ;;
*) exit 1 ;;
esac""",
    )


def fastest(first: Path, *others: Path) -> str:
    """Which of these, in this order on the path, is chosen where the first was found."""
    path = ":".join(str(one.parent) for one in (first, *others))
    shell = shutil.which("sh")
    assert shell is not None
    told = subprocess.run(
        [shell, CHECKOUT / "deploy/local/faster.sh", first],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(told.stdout.strip()).parent.name


def test_of_pythons_of_one_version_the_fastest_that_will_do_is_taken(tmp_path: Path) -> None:
    found = python_of(tmp_path / "found", 9000)
    same = python_of(tmp_path / "same", 8500)
    faster = python_of(tmp_path / "faster", 6000)
    fastest_without_venv = python_of(tmp_path / "bare", 5000, can_make_venv=False)
    assert fastest(found) == "found"
    assert fastest(found, same) == "found"
    assert fastest(found, same, faster, fastest_without_venv) == "faster"
    assert fastest(found, faster, python_of(tmp_path / "again", 5900)) == "faster"


HAS_AVX = "exit 0"
HAS_NO_AVX = "exit 1"


def examined(folder: Path, grep: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the doctor says of an Intel machine with glibc 2.31 and these tools alone."""
    cut, shell = shutil.which("cut"), shutil.which("sh")
    assert cut is not None
    assert shell is not None
    (folder / "cut").symlink_to(cut)
    script(folder / "getconf", "echo glibc 2.31")
    script(folder / "uname", 'if [ "$1" = -m ]; then echo x86_64; else echo Linux; fi')
    script(folder / "grep", grep)
    return subprocess.run(
        [shell, DOCTOR],
        env={"PATH": str(folder), "PYTHON": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def script(path: Path, does: str) -> Path:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path


def test_the_doctor_names_all_that_is_missing_and_how_to_get_it(tmp_path: Path) -> None:
    told = examined(tmp_path, HAS_AVX)
    assert told.returncode == 1
    assert told.stdout == ""
    assert "Python 3.11 or newer" in told.stderr
    assert "glibc 2.34 or newer (here: 2.31)" in told.stderr
    assert "install python3 python3-venv" in told.stderr
    assert "AVX" not in told.stderr


def bare_python(folder: Path, can: str = "nothing") -> str:
    """A Python that is new enough, and can do nothing else but import ``can``."""
    return str(
        script(folder / "bare", f'case "$2" in *version_info*|*{can}*) ;; *) exit 1 ;; esac')
    )


def test_the_doctor_names_what_python_and_the_processor_lack(tmp_path: Path) -> None:
    told = examined(tmp_path, HAS_NO_AVX, PYTHON=bare_python(tmp_path))
    assert (told.returncode, told.stdout) == (1, "")
    for lacking, remedy in (
        ("Python's module venv", "python3-venv"),
        ("libcurl4, which MongoDB needs", "libcurl4"),
        ("libssl3, which MongoDB needs", "libssl3"),
        ("a processor with AVX, which MongoDB needs", "set WANGGE_MONGO to a MongoDB of your own"),
    ):
        named = re.search(rf"^  {re.escape(lacking)}\n      -> (.+)$", told.stderr, re.MULTILINE)
        assert named is not None, told.stderr
        assert remedy in named[1]
    assert "Python 3.11" not in told.stderr


def test_the_doctor_asks_for_nothing_that_only_a_mongodb_of_its_own_needs(tmp_path: Path) -> None:
    python = bare_python(tmp_path, can="venv")
    told = examined(tmp_path, HAS_NO_AVX, PYTHON=python, WANGGE_MONGO="mongodb://elsewhere/")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{python}\n", "")


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
