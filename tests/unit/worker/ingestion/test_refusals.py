"""A few rows may be given up, many may not."""

from elasticdash.worker.ingestion.refusals import RefusalBudget


def test_only_so_many_may_be_given_up_in_a_row():
    budget = RefusalBudget(share=0.05, most=3)

    assert [budget.take() for _ in range(5)] == [True, True, True, False, False]


def test_stored_rows_allow_their_share_and_never_more_than_the_most():
    budget = RefusalBudget(share=0.05, most=3)
    for _ in range(3):
        budget.take()

    budget.stored(19)
    too_early = budget.take()
    budget.stored(1)
    in_time = budget.take()
    budget.stored(1_000_000)

    assert (too_early, in_time) == (False, True)
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
