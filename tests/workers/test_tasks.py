import ast
from pathlib import Path

import pytest

from mendline.cli import processes
from mendline.local.parts import parts
from tenants.jobs import QUEUES
from workers.claiming import Task
from workers.tasks import TASKS

ROOT = Path(__file__).parents[2]


def kinds_asked_for() -> set[str]:
    """Every kind of job that any code of ours enqueues, read from its text."""
    found = set()
    for folder in ("platform", "tenants", "workers"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "enqueue":
                    found |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    return found


def test_every_kind_of_job_that_is_asked_for_has_an_actor() -> None:
    missing = kinds_asked_for() - {task.kind for task in TASKS}
    assert missing == set(), f"add these kinds to workers/tasks.py: {sorted(missing)}"


def test_every_actor_answers_a_known_kind_once() -> None:
    kinds = [task.kind for task in TASKS]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= set(QUEUES)


def test_every_queue_has_a_process_that_is_started() -> None:
    started = {
        part.arguments[place + 1]
        for part in parts(8700)
        for place, word in enumerate(part.arguments)
        if word == "--queue"
    }
    assert {task.queue for task in TASKS} <= started == set(processes.QUEUES) == set(QUEUES.values())


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
def test_every_actor_can_be_loaded(task: Task) -> None:
    assert callable(task.load())
