import pytest

from tbwriter.tags import Tags, tag_in


@pytest.fixture
def tags():
    return Tags()


def moment(tags, tag="loss", step=None, wall_time=None, dashboard="scalars"):
    return tags.moment("add_scalar", dashboard, tag, step, wall_time)


def test_defaults_hold_within_their_block_and_what_is_said_outright_counts_more(tags):
    with tags.defaults(7, 1.5):
        assert moment(tags) == (1.5, 7)
        assert moment(tags, step=8, wall_time=2.5) == (2.5, 8)
        with tags.defaults(9, None):
            assert moment(tags) == (1.5, 9)
        assert moment(tags, "other") == (1.5, 7)
    assert moment(tags, "third", wall_time=3.5) == (3.5, 0)


def test_a_default_that_is_none_is_refused_and_changes_nothing(tags):
    with pytest.raises(ValueError, match="must be whole"), tags.defaults(0.5, 1.5):
        pass
    assert moment(tags, wall_time=2.5) == (2.5, 0)


def test_the_newest_step_is_that_of_the_defaults_or_of_the_tag(tags):
    assert tags.newest_step("loss") is None
    moment(tags, step=3)
    assert tags.newest_step("loss") == 3
    with tags.defaults(7, None):
        assert tags.newest_step("loss") == 7


def test_a_refused_moment_takes_no_tag(tags):
    with pytest.raises(ValueError, match="must be whole"):
        moment(tags, step=0.5)
    moment(tags, dashboard="images")
    with pytest.raises(ValueError, match=r"^add_scalar: tag 'loss' of this run already belongs to images: TensorBoard"):
        moment(tags)


def test_a_tag_of_a_sub_run_is_another(tags):
    moment(tags, tag_in("trial", "loss"))
    moment(tags, "trial/loss", dashboard="images")
    moment(tags, tag_in("", "loss"), dashboard="text")
