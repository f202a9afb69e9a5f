"""From when until when entries hold, as files say it: for some of them, in days and instants."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from shared.contracts.registry_v1 import Entry, entry_key
from shared.registry.spans import Validity

_moments = (
    st.none()
    | st.dates(date(2020, 1, 1), date(2120, 1, 1))
    | st.integers(1_600_000_000, 4_000_000_000).map(lambda one: datetime.fromtimestamp(one, UTC))
)


def validities(entries: Sequence[Entry]) -> st.SearchStrategy[dict[str, Validity]]:
    """What may be said of these."""
    keys = st.sampled_from(sorted({entry_key(one) for one in entries}) or ["none/none"])
    said = st.builds(Validity, _moments, _moments).filter(bool)
    return st.dictionaries(keys, said, max_size=len(entries)) if entries else st.just({})
