import pytest

from tbwriter.journal import Journal, tag_in
from tbwriter.run import Run


@pytest.fixture
def journal():
    return Journal(Run(write_to_disk=False))


def moment(journal, tag="loss", step=None, wall_time=None, dashboard="scalars"):
    return journal.moment("add_scalar", dashboard, tag, step, wall_time)


def test_defaults_hold_within_their_block_and_what_is_said_outright_counts_more(journal):
    with journal.defaults(7, 1.5):
        assert moment(journal) == (1.5, 7)
        assert moment(journal, step=8, wall_time=2.5) == (2.5, 8)
        with journal.defaults(9, None):
            assert moment(journal) == (1.5, 9)
        assert moment(journal, "other") == (1.5, 7)
    assert moment(journal, "third", wall_time=3.5) == (3.5, 0)


def test_a_default_that_is_none_is_refused_and_changes_nothing(journal):
    with pytest.raises(ValueError, match="not whole"), journal.defaults(0.5, 1.5):
        pass
    assert moment(journal, wall_time=2.5) == (2.5, 0)


def test_the_newest_step_is_that_of_the_defaults_or_of_the_tag(journal):
    assert journal.newest_step("loss") is None
    moment(journal, step=3)
    assert journal.newest_step("loss") == 3
    with journal.defaults(7, None):
        assert journal.newest_step("loss") == 7


def test_a_refused_moment_takes_no_tag(journal):
    with pytest.raises(ValueError, match="not whole"):
        moment(journal, step=0.5)
    moment(journal, dashboard="images")
    with pytest.raises(ValueError, match=r"^add_scalar: tag 'loss' of this run already belongs to images; TensorBoard"):
        moment(journal)


def test_a_tag_of_a_sub_run_is_another(journal):
    moment(journal, tag_in("trial", "loss"))
    moment(journal, "trial/loss", dashboard="images")
    moment(journal, tag_in("", "loss"), dashboard="text")
