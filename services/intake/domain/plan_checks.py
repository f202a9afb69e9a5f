"""What a plan of inspections must keep to."""

from collections import Counter
from collections.abc import Iterator

from services.intake.domain.planning import days_of
from shared.contracts.plans import MAX_DATES, Plan


def mistakes(plan: Plan) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do."""
    where = f"plan {plan.code}"
    if not (plan.places or plan.grids or plan.areas):
        yield "no_place", f"{where}: it names no place; give it places, grids or areas"
    if plan.every is not None and plan.every.last < plan.every.first:
        yield "ends_before_it_begins", f"{where}: its last day lies before the first"
        return
    days = days_of(plan)
    if not days:
        yield "no_day", f"{where}: it has no day; give it dates, or every"
    if len(days) > MAX_DATES:
        yield "too_many_days", f"{where}: {len(days)} days, {MAX_DATES} at most; make it two plans"
    for code, count in Counter(one.code for one in plan.checklist).items():
        if count > 1:
            yield "duplicate_item", f"{where}: two items are called {code}"
