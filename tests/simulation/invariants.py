"""What must be true when the simulated world has come to rest, whatever has happened in it."""

from typing import Any

from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.outcomes_v1 import IncidentRejected
from shared.contracts.topics import DEAD_LETTERS
from shared.ledger.ports import Record
from tests.ledger.scripted import Scripted, Told, script
from tests.simulation.world import OUTPUTS, World


def check(world: World) -> None:
    """All of them."""
    emitted = one_id_one_content(world)
    raws = world.store.all()
    what_was_answered_is_there(world, raws)
    for subject, raw in raws.items():
        outputs = [event for event in emitted if event.subject == subject]
        numbers = [event.sequence for event in outputs]
        assert numbers == list(range(1, raw["sequence"] + 1)), f"{subject}: {numbers}"
        assert raw["outbox"] == []
        assert raw["seen"] == list(dict.fromkeys(raw["seen"]))
        inputs = inputs_in_order(world, subject, raw["state"]["read"])
        assert raw["state"] == fold(inputs, outputs), f"{subject} is not the fold of the log"
        every_mark_was_answered_once(raw["state"], outputs)
    every_dead_record_has_its_letter(world)


def what_was_answered_is_there(world: World, raws: dict[str, dict[str, Any]]) -> None:
    """No command is lost of which it was said that it is durable."""
    for event_id in world.answered:
        subject = world.commands[event_id].subject
        assert event_id in raws[subject]["seen"], f"{event_id} is lost"


def inputs_in_order(world: World, subject: str, read: list[str]) -> list[Event[Any]]:
    """What a document has read: every living record of the log, once and in its order."""
    mine = {event.id: event for event in world.fed if event.subject == subject}
    expected = [event.id for event in mine.values() if "explode" not in script(event)]
    assert [event_id for event_id in read if event_id in mine] == expected
    return [mine.get(event_id) or world.commands[event_id] for event_id in read]


def one_id_one_content(world: World) -> list[Event[Any]]:
    """The events by first appearance; twice is the same bytes twice."""
    contents: dict[str, Record] = {}
    events: list[Event[Any]] = []
    for one in world.log.read(OUTPUTS.name):
        event = decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset))
        first = contents.setdefault(event.id, one)
        assert (first.key, first.value, first.headers) == (one.key, one.value, one.headers)
        if first is one:
            events.append(event)
    return events


def fold(inputs: list[Event[Any]], outputs: list[Event[Any]]) -> dict[str, Any]:
    """The state that follows from the log, topic by topic."""
    decider = Scripted()
    state: Told | None = None
    for event in (*inputs, *outputs):
        state = decider.evolve(state, event)
    assert state is not None
    return decider.dump(state)


def every_mark_was_answered_once(state: dict[str, Any], outputs: list[Event[Any]]) -> None:
    """Each due instant has one answer in the log."""
    answers = [
        event.data.counts_from
        for event in outputs
        if isinstance(event.data, IncidentRejected) and event.data.rule == "stale_sequence"
    ]
    assert sorted(answers) == sorted(set(state["due"]))


def every_dead_record_has_its_letter(world: World) -> None:
    """Each place of a record that the rules fail on, and no other, has one letter."""
    found = set()
    for one in world.log.read(DEAD_LETTERS.name):
        data = decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset)).data
        assert isinstance(data, RecordDied)
        found.add((data.topic, data.partition, data.offset))
    expected = {
        (one.topic, one.partition, one.offset)
        for one in world.log.read("inputs")
        if b"explode" in (one.value or b"")
    }
    assert found == expected
