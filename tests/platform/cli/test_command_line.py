"""The command line as a whole: every command explains itself, exit statuses hold, refusals have no stack trace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mendline.cli import COMMANDS, main
from mendline.cli.processes import QUEUES as WORKED_QUEUES
from mendline.local.parts import parts
from tenants.jobs import QUEUES

EXAMPLES = Path(__file__).parents[2] / "data" / "statistics" / "spc_examples.json"


def mendline(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    without = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, "-m", "mendline", *arguments],
        env=without | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 3


def test_the_names_of_commands_are_those_that_they_answer_to() -> None:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_wrong_usage_has_exit_status_2() -> None:
    assert CliRunner().invoke(main, ["web", "--port", "99999"]).exit_code == 2
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2


def test_a_missing_setting_is_one_line_on_standard_error_with_exit_status_1(tmp_path: Path) -> None:
    done = mendline("migrate", MENDLINE_STATE=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: DATABASE_URL is not set.")
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_told_plainly(tmp_path: Path) -> None:
    done = mendline("migrate", MENDLINE_STATE=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_queue_that_work_goes_to_is_worked_and_started() -> None:
    started = {part.arguments[-1] for part in parts(1) if part.arguments[0] == "worker"}
    assert set(QUEUES.values()) <= set(WORKED_QUEUES) == started


def test_every_part_is_a_command() -> None:
    assert {part.arguments[0] for part in parts(1)} <= set(COMMANDS)


def test_analyse_answers_every_case_in_order() -> None:
    cases = json.loads(EXAMPLES.read_bytes())
    done = mendline("analyse", str(EXAMPLES))
    assert done.returncode == 0, done.stderr
    assert [one["name"] for one in json.loads(done.stdout)] == [case["name"] for case in cases]


def test_analyse_writes_to_a_file_where_asked(tmp_path: Path) -> None:
    (tmp_path / "cases.json").write_text('[{"name": "odd", "kind": "nothing"}]')
    done = mendline("analyse", str(tmp_path / "cases.json"), "--output", str(tmp_path / "answers.json"))
    assert (done.returncode, done.stdout) == (0, "")
    (answer,) = json.loads((tmp_path / "answers.json").read_text())
    assert answer["name"] == "odd"
    assert "nothing" in answer["error"]


@pytest.mark.parametrize(("content", "message"), [("{", "is not JSON"), ("{}", "must hold a JSON list")])
def test_analyse_refuses_what_is_not_a_list_of_cases(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "cases.json").write_text(content)
    done = mendline("analyse", str(tmp_path / "cases.json"))
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
