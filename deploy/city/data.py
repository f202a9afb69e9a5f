"""The files of data that the city is made from."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@cache
def read(name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """The content of ``<name>.yaml`` beside this module."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
