"""What outlives the program, without Spark and without the program."""

import pytest
from mtalign import Crash
from mtalign_spark.workers import in_frames, outliving


class Program:
    """Answers items, reads some ahead, and ends over those that it cannot bear; `bears` counts how often it does at first."""

    def __init__(self, deadly=(), bears=0, ahead=3):
        self.deadly, self.bears, self.ahead = deadly, bears, ahead
        self.begun = 0

    def ask(self, items):
        self.begun += 1
        waiting = []
        for item in items:
            waiting.append(item)
            if len(waiting) > self.ahead:
                yield self.answer(waiting.pop(0))
        for item in waiting:
            yield self.answer(item)

    def answer(self, item):
        if item in self.deadly:
            self.bears -= 1
            if self.bears < 0:
                raise Crash(str(item), -9, "")
        return item * 10


def kinds(found):
    return [(item, "crash" if isinstance(answer, Crash) else answer) for item, answer in found]


@pytest.mark.parametrize("deadly", [(), (0,), (9,), (4,), (4, 5), (0, 1, 9), tuple(range(10))])
@pytest.mark.parametrize("ahead", [0, 1, 3, 20])
def test_what_the_program_cannot_bear_costs_no_other_item(deadly, ahead):
    program = Program(deadly, ahead=ahead)
    found = kinds(outliving(program.ask, lambda: None, range(10)))
    assert found == [(item, "crash" if item in deadly else item * 10) for item in range(10)]
    assert program.begun == 1 + 2 * len(deadly)


def test_items_are_taken_as_answers_are():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item

    found = outliving(Program((5,)).ask, lambda: None, items())
    for number, _ in zip(range(20), found):
        assert len(taken) <= number + 5


def test_what_was_ended_from_outside_is_tried_again():
    class Once(Program):
        def answer(self, item):
            if item == 4 and self.begun == 1:
                raise Crash("4", -9, "")
            return item * 10

    assert kinds(outliving(Once().ask, lambda: None, range(8))) == [(item, item * 10) for item in range(8)]


def test_a_program_that_is_not_well_is_not_the_fault_of_an_item():
    def unwell():
        raise Crash("anything", 1, "no model")

    with pytest.raises(Crash, match="no model"):
        list(outliving(Program((2,)).ask, unwell, range(5)))


def test_rows_come_in_frames():
    assert list(in_frames(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_frames([], 2)) == []
