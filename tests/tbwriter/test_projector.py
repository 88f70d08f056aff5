import threading

import numpy as np
import pytest
from google.protobuf import text_format

from tbwriter.messages.plugins_pb2 import ProjectorConfig
from tbwriter.projector import embedding, folder_name, write_embedding
from tbwriter.storage import directory

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(5, 3)).astype(np.float32)


def config(path):
    return text_format.Parse((path / "projector_config.pbtxt").read_text(encoding="utf-8"), ProjectorConfig())


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


@pytest.mark.parametrize("tag", ["../x", "..", ".", "a/b", "a_b", "ü☃", "x" * 1000, "x" * 999 + "y", "a\\b", "c:"])
def test_a_tag_is_the_name_of_one_folder(tag, tmp_path):
    entry, files = embedding(tag, 1, POINTS, None, None, None)
    write_embedding(directory(tmp_path), entry, files)
    assert (tmp_path / "00001" / folder_name(tag) / "tensors.tsv").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00001", "projector_config.pbtxt"]
    assert config(tmp_path).embeddings[0].tensor_name == f"{tag}:00001"


def test_no_two_tags_share_a_folder():
    tags = ["a/b", "a_b", "a%2Fb", ".", "..", "%2E", "x" * 1000, "x" * 999 + "y"]
    assert len({folder_name(tag) for tag in tags}) == len(tags)


def add(path, tag, step=1, metadata=None):
    write_embedding(directory(path), *embedding(tag, step, POINTS, metadata, None, None))


def test_embeddings_add_up_and_one_of_the_same_name_is_replaced(tmp_path):
    add(tmp_path, "a")
    add(tmp_path, "b")
    add(tmp_path, "a", step=2)
    add(tmp_path, "a", metadata=list("abcde"))
    entries = {entry.tensor_name: entry for entry in config(tmp_path).embeddings}
    assert len(config(tmp_path).embeddings) == len(entries)
    assert set(entries) == {"a:00001", "b:00001", "a:00002"}
    assert entries["a:00001"].metadata_path


def test_what_others_wrote_stays_as_it_was(tmp_path):
    foreign = 'model_checkpoint_path: "model.ckpt"\nembeddings { tensor_name: "theirs" }'
    (tmp_path / "projector_config.pbtxt").write_text(foreign)
    add(tmp_path, "ours")
    assert (tmp_path / "projector_config.pbtxt").read_text().startswith(foreign)


def test_threads_lose_no_embedding(tmp_path):
    threads = [threading.Thread(target=add, args=(tmp_path, f"tag {i}")) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(config(tmp_path).embeddings) == 8


def test_a_configuration_that_is_none_is_not_overwritten(tmp_path):
    (tmp_path / "projector_config.pbtxt").write_text("{ broken")
    with pytest.raises(ValueError, match=r"projector_config.pbtxt is no configuration of the projector: .*; remove it"):
        add(tmp_path, "ours")
    assert (tmp_path / "projector_config.pbtxt").read_text() == "{ broken"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], None, None, None), "got float64 array of shape (2,); give an array (N, D) of N points"),
        (([[np.nan]], None, None, None), "the points must be finite; leave out what is not"),
        ((POINTS, ["a"], None, None), "got metadata of 1 points for 5; give one row for each"),
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
            "8192 is what browsers take: give smaller or fewer ones",
        ),
    ],
)
def test_what_is_no_embedding_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        embedding("digits", 1, *arguments)
    assert str(caught.value) == f"add_embedding: tag 'digits': {message}"
