"""Unit tests cannot start a process or open a socket."""

import socket
import subprocess

import pytest

from runner import child_processes  # noqa: F401 - its types are made of what the fixture replaces


@pytest.fixture(autouse=True)
def no_effects(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a unit test must not start a process or open a socket")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
