"""What `make mutants` adds to pytest, so that a mutant is seen by the tests and none is blamed for an older one.

mutmut runs each mutant in a fork of a process that has already run the tests. Whatever was worked out there and
kept (a loaded catalogue, a compiled rule, a constant of a test module) would hide the mutant from the tests.
"""

import os
import sys
from functools import _lru_cache_wrapper
from types import ModuleType

import pytest
from hypothesis import settings
from mutmut.state import state

_EXAMPLES = 6
# A catalogue is loaded and compiled while test modules are read; these tests judge what came out of it.
_JUDGES_OF_LOADING = (
    "test_catalogue", "test_checks", "mutation_golden", "test_publishing", "test_document", "test_specialising",
    "test_limits", "test_snapshots",
)  # fmt: skip
# What one test worked out and another found kept is counted as seen by all that look at evaluations as a whole.
_JUDGES_OF_EVALUATING = ("mutation_golden", "test_three_values", "test_no_log", "test_snapshots")
_judges_of_evaluating: set[str] = set()
_hit_while_loading: set[str] = set()

settings.register_profile("mutants", derandomize=True, database=None, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("mutants")
    for name, module in list(sys.modules.items()):
        if name.startswith("apps.rules"):
            _forget(module)
        elif name.startswith("tests.rules.") and module is not sys.modules[__name__]:
            del sys.modules[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A mutant that is killed costs the tests before the one that notices it: the quick ones first. One that survives
    # costs all its tests: fewer examples, the same ones each time.
    items.sort(key=lambda item: state().duration_by_test.get(item.nodeid, 0.0))
    for item in items:
        function = getattr(item, "function", None)
        if hasattr(function, "hypothesis"):
            own = function._hypothesis_internal_use_settings
            function._hypothesis_internal_use_settings = settings(own, max_examples=_EXAMPLES)


def pytest_collection_finish() -> None:
    _hit_while_loading.update(state()._stats)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    if os.environ.get("MUTANT_UNDER_TEST") != "stats":
        return
    if any(name in item.nodeid for name in _JUDGES_OF_LOADING):
        state()._stats.update(_hit_while_loading)
    if any(name in item.nodeid for name in _JUDGES_OF_EVALUATING):
        _judges_of_evaluating.add(item.nodeid)


def pytest_sessionfinish() -> None:
    for tests in state().tests_by_mangled_function_name.values():
        if not tests.isdisjoint(_judges_of_evaluating):
            tests.update(_judges_of_evaluating)


def _forget(module: ModuleType) -> None:
    for value in vars(module).values():
        if isinstance(value, _lru_cache_wrapper):
            value.cache_clear()
