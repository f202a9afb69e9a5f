"""Finding a mapping: by the name of a format that comes with wangge, or as a file."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from deploy.feeds.errors import FeedError
from deploy.feeds.mapping import Feed
from shared.contracts.base import KNOWN_WORDS

HERE = Path(__file__).parent / "formats"


def names() -> list[str]:
    """The formats that come with wangge."""
    return sorted(path.stem for path in HERE.glob("*.yaml"))


def find(name: str, mapping: Path | None = None) -> Feed:
    """The mapping in the file given, else the one of that name.

    Raises FeedError when there is none, or when it is not a mapping.
    """
    path = mapping or HERE / f"{name}.yaml"
    try:
        return Feed.model_validate(
            yaml.safe_load(path.read_text(encoding="utf-8")), context=KNOWN_WORDS
        )
    except FileNotFoundError as error:
        known = ", ".join(names())
        raise FeedError(
            f"no mapping {path.name}; formats: {known}; or name a file with --mapping",
            f"没有格式 {path.name};可用格式:{known};或用 --mapping 指定文件",
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise FeedError(
            f"{path} is not a mapping: {error}", f"{path} 不是有效的映射文件"
        ) from error
