"""`mendline up` as a person sees it: ready, kept running, stopped, and started again after the worst."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.folders import passable_folder
from support.running import Running, environment, eventually, free_port, running_application, up

from mendline.local import processes
from mendline.local.leftovers import MARK
from mendline.local.parts import parts


@pytest.fixture(scope="module")
def application() -> Iterator[Running]:
    with passable_folder() as state, running_application(state, "--empty") as running:
        yield running


def test_ready_json_has_the_address_and_without_a_demonstration_no_sign_ins(application: Running) -> None:
    assert application.ready() == {"url": application.url, "sign_ins": []}
    assert application.url in application.output.read_text()


def test_every_line_that_a_part_logs_is_an_object_of_json(application: Running) -> None:
    logs = {part.name: (application.state / "log" / f"{part.name}.log").read_text() for part in parts(0)}
    lines = [(name, json.loads(line)) for name, said in logs.items() for line in said.splitlines()]
    assert {name for name, _line in lines} >= {"relay", "worker-derive"}
    assert all({"at", "level", "logger", "message", "process"} <= line.keys() for _name, line in lines)


def test_every_slow_step_is_shown_with_its_seconds(application: Running) -> None:
    said = application.output.read_text()
    for step in ("Starting PostgreSQL", "Starting Valkey", "Bringing the database to the newest revision"):
        assert f"  {step} …\n" in said
        assert f"  {step}: " in said


@pytest.mark.parametrize("part", ["gunicorn", "queues derive", "bin/postgres", "valkey-server"])
def test_a_killed_part_is_started_again(application: Running, part: str) -> None:
    eventually(application.answers, "ready before the kill")
    killed = application.child(part)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: any(part in line for pid, line in application.children().items() if pid != killed), "back")
    eventually(application.answers, "ready after the kill")


def test_a_second_start_is_refused_and_says_which_process_has_the_folder(application: Running) -> None:
    second = up(application.state, "--empty", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"already in use by process {application.process.pid} " in second.stderr
    assert "Traceback" not in second.stderr
    assert application.answers()


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_is_ready_until_ctrl_c_stops_all_of_it() -> None:
    with passable_folder() as state, subprocess.Popen(["/bin/sleep", "300"]) as stranger:
        with running_application(state, "--empty") as running:
            first = list(running.children())
            running.process.kill()
            running.process.wait()
        eventually(lambda: not any(processes.running(pid) for pid in first), "the children of a killed supervisor end")
        assert (state / "ready.json").exists()  # nobody was left to take it away
        (state / "ready.json").unlink()
        with running_application(state, "--empty") as running:
            assert running.answers()
            assert "Bringing the database" not in running.output.read_text()
            second = list(running.children())
            assert len(second) >= 6
            assert running.stop() == 0
        assert not (state / "ready.json").exists()
        assert [pid for pid in second if processes.running(pid)] == []
        assert stranger.poll() is None
        stranger.kill()


def test_a_leftover_of_a_killed_run_is_ended_and_a_stranger_is_not() -> None:
    with passable_folder() as state:
        mark = environment(state) | {MARK: str(state)}
        sleep = [sys.executable, "-c", "import time; time.sleep(120)"]
        with subprocess.Popen(sleep, env=mark) as leftover, subprocess.Popen(sleep) as stranger:
            done = subprocess.run(
                [sys.executable, "-c", _END_LEFTOVERS, str(state)], capture_output=True, text=True, check=True
            )
            assert "time.sleep(120)" in done.stdout
            assert leftover.wait(10) == -signal.SIGTERM
            assert stranger.poll() is None
            stranger.kill()


_END_LEFTOVERS = (
    "import sys, pathlib; from mendline.local.leftovers import end_leftovers as e; print(e(pathlib.Path(sys.argv[1])))"
)


def test_a_port_in_use_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = up(tmp_path, "--empty", "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} is in use by another program" in refused.stderr
    assert "deploy/up --port " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "postgres").exists()
