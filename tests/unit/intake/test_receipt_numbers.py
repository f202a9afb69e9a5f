"""Ids follow from caller and key; a receipt number survives being dictated, or is refused."""

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.platform import ids

KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200)
CALLERS = st.text(min_size=1, max_size=30)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(CALLERS, KEYS, CALLERS, KEYS)
def test_one_caller_and_key_is_one_incident(a: str, k: str, b: str, m: str) -> None:
    assert ids.incident_id(a, k) == ids.incident_id(a, k)
    assume((a, k) != (b, m) and "\x1f" not in a + b)
    assert ids.incident_id(a, k) != ids.incident_id(b, m)


@given(KEYS)
def test_a_receipt_number_is_found_as_it_is_spoken(key: str) -> None:
    number = ids.receipt_no(ids.incident_id("r", key))
    spoken = number.lower().replace("-", " ")
    heard = number.replace("1", "I", 1).replace("0", "O", 1)
    if number[-1] not in "10":
        assert ids.normalize_receipt_no(heard) == number
    assert ids.normalize_receipt_no(spoken) == number
    assert ids.normalize_receipt_no(number.replace("-", "")) == number


@given(KEYS, st.integers(0, 11), st.sampled_from(DIGITS))
def test_one_wrong_digit_is_found(key: str, place: int, digit: str) -> None:
    plain = ids.receipt_no(ids.incident_id("r", key)).replace("-", "")
    assume(plain[place] != digit)
    assert ids.normalize_receipt_no(plain[:place] + digit + plain[place + 1 :]) is None


@given(KEYS, st.integers(0, 10))
def test_two_digits_swapped_are_found(key: str, place: int) -> None:
    plain = ids.receipt_no(ids.incident_id("r", key)).replace("-", "")
    assume(plain[place] != plain[place + 1])
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert ids.normalize_receipt_no(swapped) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_in_its_own_form_or_none(text: str) -> None:
    found = ids.normalize_receipt_no(text)
    assert found is None or ids.normalize_receipt_no(found) == found
