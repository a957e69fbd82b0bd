"""Which numbers are settled, against a model of sessions that draw numbers and end in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit_plugin.feed.horizon import MOST_CANDIDATES, Horizon

STEPS = st.lists(
    st.tuples(st.sampled_from(["draw", "end", "prepare", "read"]), st.integers(0, 5)), max_size=200
)


@given(STEPS)
def test_nothing_up_to_the_settled_number_is_still_to_come(steps: list[tuple[str, int]]) -> None:
    horizon = Horizon()
    last, lives = 0, 0
    open_sessions: dict[int, tuple[str, list[int]]] = {}
    for step, who in steps:
        if step == "draw":
            last += 1
            if who not in open_sessions:
                lives += 1
                open_sessions[who] = (f"{who}/{lives}", [])
            open_sessions[who][1].append(last)
        elif step == "end":
            prepared = [key for key in open_sessions if key < 0]
            open_sessions.pop(prepared[0] if prepared and who > 3 else who, None)
        elif step == "prepare":
            # It keeps its numbers and its lock, under another name, and its session is free.
            if who in open_sessions:
                lives += 1
                open_sessions[-lives] = (f"-1/{lives}", open_sessions.pop(who)[1])
        else:
            before = horizon.settled
            settled = horizon.advance(last, frozenset(name for name, _ in open_sessions.values()))
            assert before is None or (settled is not None and settled >= before)
            unsettled = [number for _, numbers in open_sessions.values() for number in numbers]
            assert settled is None or all(number > settled for number in unsettled)
    # When all have ended, all is settled.
    assert horizon.advance(last, frozenset()) == last
    assert not horizon.waiting


def test_a_long_transaction_holds_up_what_comes_after_it_and_is_let_go() -> None:
    horizon = Horizon()
    assert horizon.advance(1, frozenset()) == 1
    long = frozenset({"long"})
    for number in range(2, 1000):
        assert horizon.advance(number, long | {f"short/{number}"}) == 1
    assert len(horizon._candidates) <= MOST_CANDIDATES
    assert horizon.advance(1000, frozenset({"short/1000"})) == 999


def test_transactions_that_follow_each_other_without_a_break_hold_up_nothing() -> None:
    horizon = Horizon()
    for number in range(1, 100):
        settled = horizon.advance(number, frozenset({f"1/{number}", f"2/{number}"}))
        assert settled == (number - 1 if number > 1 else None)


def test_after_a_restart_of_the_server_old_names_mean_nothing() -> None:
    horizon = Horizon()
    horizon.advance(1, frozenset())
    horizon.advance(2, frozenset({"1/1"}))
    horizon.forget()
    assert not horizon.waiting and horizon.settled == 1
    assert horizon.advance(2, frozenset({"1/2"})) == 1
    assert horizon.advance(2, frozenset()) == 2
