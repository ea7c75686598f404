"""Whose turn it is among the lanes."""

from elasticdash.shared.queue.lanes import Lane, LaneTurns


def test_a_lane_is_left_when_its_turn_is_taken():
    turns = LaneTurns({Lane.MAIN: 8, Lane.OVERFLOW: 1})

    assert (turns.current, turns.allowance(room=100)) == (Lane.MAIN, 8)
    turns.took(8, asked=8)
    assert (turns.current, turns.allowance(room=100)) == (Lane.OVERFLOW, 1)


def test_a_turn_goes_on_when_there_was_little_room():
    turns = LaneTurns({Lane.MAIN: 8, Lane.OVERFLOW: 1})
    turns.took(3, asked=3)

    assert (turns.current, turns.allowance(room=100)) == (Lane.MAIN, 5)


def test_an_empty_lane_passes_its_turn_on_and_saves_nothing():
    turns = LaneTurns({Lane.MAIN: 8, Lane.OVERFLOW: 1})
    turns.took(2, asked=8)
    turns.took(1, asked=1)

    assert (turns.current, turns.allowance(room=100)) == (Lane.MAIN, 8)


def test_busy_lanes_share_by_their_weights():
    turns = LaneTurns({Lane.MAIN: 8, Lane.OVERFLOW: 1})
    taken = {Lane.MAIN: 0, Lane.OVERFLOW: 0}

    for _ in range(900):
        lane = turns.current
        asked = turns.allowance(room=1)
        turns.took(asked, asked=asked)
        taken[lane] += asked

    assert taken == {Lane.MAIN: 800, Lane.OVERFLOW: 100}
