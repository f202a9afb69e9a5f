"""Papers and photos as they are typed: kept elsewhere, and known by a name and a hash."""

import re
from hashlib import sha256
from pathlib import Path

from deploy.local.errors import StackError

SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWS = ("before", "after")


def paper_ref(said: str) -> dict[str, str]:
    """A paper, typed as CODE=FILE or CODE=REF=SHA256. Raises StackError."""
    code, _, rest = said.partition("=")
    return {"code": code, **_kept(f"--paper {said}", "CODE", "代码", rest)}


def photo_ref(said: str) -> dict[str, str]:
    """A photo, typed as before=FILE, after=FILE or after=REF=SHA256. Raises StackError."""
    shows, _, rest = said.partition("=")
    if shows not in SHOWS:
        raise StackError(
            f"--photo {said}: write before=FILE or after=FILE",
            f"--photo {said}：请写 before=文件（处置前）或 after=文件（处置后）",
        )
    return {"shows": shows, **_kept(f"--photo {said}", shows, shows, rest)}


def _kept(option: str, en: str, zh: str, rest: str) -> dict[str, str]:
    """The reference and the hash: of a file here, or as they were typed."""
    ref, _, typed = rest.rpartition("=")
    if ref and SHA256.fullmatch(typed):
        return {"ref": ref, "sha256": typed}
    try:
        content = Path(rest).read_bytes()
    except OSError as error:
        raise StackError(
            f"{option}: write {en}=FILE, or {en}=REF=SHA256 of what is kept elsewhere; {error}",
            f"{option}：请写 {zh}=文件，或 {zh}=引用=SHA256（文件存放在别处时）；无法读取",
        ) from error
    return {"ref": Path(rest).name, "sha256": sha256(content).hexdigest()}
