import pytest

from tbwriter.summaries.figure import close_figure, figure_pixels

matplotlib = pytest.importorskip("matplotlib", reason="draws figures with matplotlib (extra plot)")


def figure(width=2, height=1, colour="white"):
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=20, facecolor=colour)


def test_a_figure_is_drawn_as_large_as_it_is():
    pixels = figure_pixels("plot", figure(colour="red"))
    assert pixels.shape == (20, 40, 4)
    assert (pixels == (255, 0, 0, 255)).all()


def test_several_stand_side_by_side_on_white():
    pixels = figure_pixels("plot", [figure(2, 1, "red"), figure(1, 2, "blue")])
    assert pixels.shape == (40, 80, 4)
    assert (pixels[:20, :40] == (255, 0, 0, 255)).all()
    assert (pixels[:, 40:60] == (0, 0, 255, 255)).all()
    assert (pixels[20:, :40] == 255).all()


def test_the_figure_keeps_its_canvas():
    drawn = figure()
    canvas = drawn.canvas
    figure_pixels("plot", drawn)
    assert drawn.canvas is canvas


def test_the_pixels_are_a_copy():
    drawn = figure(colour="red")
    pixels = figure_pixels("plot", drawn)
    drawn.set_facecolor("blue")
    figure_pixels("plot", drawn)
    assert (pixels == (255, 0, 0, 255)).all()


def test_pyplot_forgets_what_it_is_told_to():
    matplotlib.use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    kept, one, two = pyplot.figure(), pyplot.figure(), pyplot.figure()
    close_figure([one, two])
    assert pyplot.get_fignums() == [kept.number]
    close_figure(kept)
    close_figure(figure())
    assert pyplot.get_fignums() == []


def test_what_is_no_figure_is_refused():
    with pytest.raises(TypeError) as caught:
        figure_pixels("plot", [figure(), 7])
    expected = "expected a matplotlib Figure or a list of them, got an object of type int"
    assert str(caught.value) == f"add_figure: tag 'plot': {expected}; of an Axes, pass its .figure"
    with pytest.raises(ValueError, match=r"^add_figure: tag 'plot': expected at least one figure, got an empty list$"):
        figure_pixels("plot", [])
