"""Running a scenario: its facts in their order of arrival, up to `now`."""

from __future__ import annotations

from .results import result_document
from .scenario import Scenario, read_scenario
from .world import World


def run(document: object) -> dict[str, object]:
    """The result document of a scenario document; BadDocument names the place of what cannot be read."""
    return run_scenario(read_scenario(document))


def run_scenario(scenario: Scenario) -> dict[str, object]:
    """The result document of a scenario."""
    return result_document(load(scenario), scenario.now)


def load(scenario: Scenario) -> World:
    """The program in memory after all events that had happened by `now`; later ones are ignored as if absent."""
    world = World(scenario.program, scenario.creators.values())
    for place, event in scenario.events:
        if event.at <= scenario.now:
            world.receive(event, place)
    return world
