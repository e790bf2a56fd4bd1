import os

import pytest

from runner.docker import container_labels as owner


def test_what_we_started_ourselves_is_not_left_over():
    assert not owner.is_left_over(owner.labels())


def test_what_a_dead_process_started_is_left_over():
    labels = owner.labels()
    assert owner.is_left_over({**labels, owner.PROCESS: "999999999 1"})
    # The number lives, and is another process by now.
    assert owner.is_left_over({**labels, owner.PROCESS: f"{os.getpid()} 1"})


@pytest.mark.parametrize("process", ["", "text", "text 1", "1"])
def test_labels_that_say_nothing_are_nobodys_to_remove(process):
    assert not owner.is_left_over({**owner.labels(), owner.PROCESS: process})


def test_what_another_machine_started_stays():
    labels = {owner.HOST: "another", owner.PROCESS: "999999999 1"}
    assert not owner.is_left_over(labels)
