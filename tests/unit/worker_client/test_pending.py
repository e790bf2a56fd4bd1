import threading

from runner.worker_client.pending import Pending


def test_batches_are_numbered_and_taken_once():
    pending = Pending()
    first, second = pending.add(["a"]), pending.add(["b"])
    assert first.number != second.number
    assert pending.pop(first.number) is first
    assert pending.pop(first.number) is None
    assert [pending.pop(name) for name in (99, None, "1", [])] == [None] * 4


def test_a_closed_one_returns_what_is_left_and_takes_no_more():
    pending = Pending()
    sent = pending.add(["a"])
    assert pending.close() == [sent]
    assert pending.closed
    assert pending.add(["b"]) is None
    assert pending.close() == []


def test_a_refusing_one_still_ends_what_was_sent():
    pending = Pending()
    sent = pending.add(["a"])
    pending.refuse()
    assert pending.add(["b"]) is None
    assert pending.pop(sent.number) is sent


def test_whoever_waits_is_released():
    sent = Pending().add(["a"])
    threading.Timer(0.05, sent.end, [None]).start()
    assert sent.event.wait(5)
    assert sent.ended is None


def test_nothing_is_left_out_when_it_closes_while_others_add():
    for _ in range(50):
        pending, added = Pending(), []

        def add(pending=pending, added=added):
            while (sent := pending.add([])) is not None:
                added.append(sent)

        threads = [threading.Thread(target=add) for _ in range(3)]
        for thread in threads:
            thread.start()
        left = pending.close()
        for thread in threads:
            thread.join()
        assert {sent.number for sent in left} == {sent.number for sent in added}
