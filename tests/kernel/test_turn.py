"""First come, first served."""

from __future__ import annotations

import threading
import time

from tierslieu.kernel.turn import Turn


def test_those_who_wait_are_served_in_the_order_in_which_they_came() -> None:
    turn, served = Turn(), []
    assert turn.take(1)

    def wait(name: int) -> None:
        assert turn.take(10)
        served.append(name)
        turn.give()

    people = []
    for name in range(8):
        person = threading.Thread(target=wait, args=(name,))
        person.start()
        while len(turn._waiting) <= name:
            time.sleep(0.001)
        people.append(person)
    turn.give()
    for person in people:
        person.join()

    assert served == list(range(8))


def test_who_has_no_patience_leaves_the_queue_to_the_others() -> None:
    turn = Turn()
    assert turn.take(1)

    assert not turn.take(0.01)
    turn.give()

    assert turn.take(0.01)


def test_one_that_writes_without_pause_does_not_keep_another_waiting() -> None:
    turn, stop, rounds = Turn(), threading.Event(), [0]

    def write_on() -> None:
        while not stop.is_set():
            turn.take(10)
            time.sleep(0.002)
            rounds[0] += 1
            turn.give()

    busy = threading.Thread(target=write_on)
    busy.start()
    while rounds[0] < 3:
        time.sleep(0.001)
    before = rounds[0]
    assert turn.take(10)
    waited = rounds[0] - before
    turn.give()
    stop.set()
    busy.join()

    assert waited <= 1
