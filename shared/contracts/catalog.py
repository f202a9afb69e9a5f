"""Which topic carries which event types, and the model of each."""

from shared.contracts import (
    cases_v1,
    dead_letters_v1,
    escalations_v1,
    incidents_v1,
    orders_v1,
    registry_v1,
    reminders_v1,
    topics,
)
from shared.contracts.base import EventData
from shared.contracts.topics import Topic

TOPIC_EVENTS: dict[Topic, tuple[type[EventData], ...]] = {
    topics.INCIDENTS: (*incidents_v1.EVENTS, *orders_v1.EVENTS),
    topics.CASES: cases_v1.EVENTS,
    topics.ESCALATIONS: (*escalations_v1.EVENTS, *reminders_v1.EVENTS),
    topics.REGISTRY: registry_v1.EVENTS,
    topics.DEAD_LETTERS: dead_letters_v1.EVENTS,
}
MODELS: dict[str, type[EventData]] = {
    model.TYPE: model for models in TOPIC_EVENTS.values() for model in models
}
TOPIC_OF: dict[type[EventData], Topic] = {
    model: topic for topic, models in TOPIC_EVENTS.items() for model in models
}
