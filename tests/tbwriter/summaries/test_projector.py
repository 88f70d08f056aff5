import numpy as np
import pytest

from tbwriter.summaries.projector import embedding, folder_name

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(5, 3)).astype(np.float32)


def labels(metadata, header=None, points=POINTS):
    entry, files = embedding("digits", 1, points, metadata, None, header)
    return files[entry.metadata_path].decode()


@pytest.mark.parametrize("values", [POINTS, POINTS * 1e-30, POINTS * 1e30, np.array([[0.1, 1 / 3]], np.float32)])
def test_every_point_is_read_back_exactly(values):
    entry, files = embedding("digits", 1, values, None, None, None)
    lines = files[entry.tensor_path].decode().splitlines()
    assert np.array_equal(np.array([line.split("\t") for line in lines], np.float64).astype(np.float32), values)
    assert list(entry.tensor_shape) == list(values.shape)


def test_a_label_stands_on_a_line():
    assert labels(["a", 7, "ü", "tab\tand\nline", ""]) == "a\n7\nü\ntab and line\n-\n"
    assert labels(np.arange(5)) == "0\n1\n2\n3\n4\n"


def test_a_table_has_a_header_and_a_single_column_none():
    assert labels([["a", 1]] * 5, ["name", "number"]).splitlines()[:2] == ["name\tnumber", "a\t1"]
    assert labels(list("abcde"), ["name"]) == "a\nb\nc\nd\ne\n"


def test_pictures_stand_in_one_as_many_to_a_row_as_rows(decode_png):
    pictures = RNG.integers(0, 256, (5, 3, 4, 4), np.uint8)
    entry, files = embedding("digits", 1, POINTS, None, pictures, None)
    sprite = decode_png(files[entry.sprite.image_path])
    assert (sprite.shape, list(entry.sprite.single_image_dim)) == ((12, 12, 3), [4, 4])
    assert np.array_equal(sprite[4:8, 4:8], pictures[4].transpose(1, 2, 0))
    assert not sprite[4:8, 8:].any()


def test_pictures_that_are_not_square_are_padded(decode_png):
    entry, files = embedding("digits", 1, POINTS[:1], None, np.ones((1, 1, 2, 6)), None)
    sprite = decode_png(files[entry.sprite.image_path])[..., 0]
    assert list(entry.sprite.single_image_dim) == [6, 6]
    assert sprite[2:4].all()
    assert not sprite[:2].any()
    assert not sprite[4:].any()


def test_no_two_tags_share_a_folder():
    tags = [
        "a/b",
        "a_b",
        "a%2Fb",
        ".",
        "..",
        "%2E",
        "x" * 1000,
        "x" * 999 + "y",
        "X" * 1000,
        "a.",
        "a",
        "A",
        "a%2E",
        "É",
        "é",
    ]
    names = {folder_name(tag).casefold().rstrip(". ") for tag in tags}  # what Windows takes for different
    assert len(names) == len(tags)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], None, None, None), "expected an array (N, D) of N points, got float64 array of shape (2,)"),
        (([[np.nan]], None, None, None), "the points must be finite; leave out what is not"),
        ((POINTS, ["a"], None, None), "got metadata of 1 points for 5; give one row for each"),
        ((POINTS, 7, None, None), "the metadata must be a list of labels, got int 7: 'int' object is not iterable"),
        (
            (POINTS, [["a", 1]] * 5, None, None),
            "the metadata has several columns; give metadata_header, the names of the columns, too",
        ),
        (
            (POINTS, [["a", 1]] * 5, None, ["one", "two", "three"]),
            "the metadata has a row of 2 for a header of 3; give one label for each column",
        ),
        ((POINTS, None, np.zeros((4, 1, 2, 2)), None), "got 4 pictures for 5 points; give one for each"),
        (
            (POINTS, None, np.zeros((5, 1, 2, 4000)), None),
            "5 pictures of 4000 by 2 pixels make a side of 12000; "
            "browsers take 8192 pixels: give smaller or fewer ones",
        ),
    ],
)
def test_what_is_no_embedding_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        embedding("digits", 1, *arguments)
    assert str(caught.value) == f"add_embedding: tag 'digits': {message}"
