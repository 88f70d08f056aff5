import threading

import numpy as np
import pytest
from google.protobuf import text_format

from tbwriter.files.projector import write_embedding
from tbwriter.files.storage import directory
from tbwriter.messages.plugins_pb2 import ProjectorConfig
from tbwriter.summaries.projector import embedding, folder_name

POINTS = np.arange(15, dtype=np.float32).reshape(5, 3)


def config(path):
    return text_format.Parse((path / "projector_config.pbtxt").read_text(encoding="utf-8"), ProjectorConfig())


@pytest.mark.parametrize("tag", ["../x", "..", ".", "a/b", "a_b", "ü☃", "x" * 1000, "x" * 999 + "y", "a\\b", "c:"])
def test_a_tag_is_the_name_of_one_folder(tag, tmp_path):
    entry, files = embedding(tag, 1, POINTS, None, None, None)
    write_embedding(directory(tmp_path), entry, files)
    assert (tmp_path / "00001" / folder_name(tag) / "tensors.tsv").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00001", "projector_config.pbtxt"]
    assert config(tmp_path).embeddings[0].tensor_name == f"{tag}:00001"


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
    with pytest.raises(
        ValueError, match=r"projector_config.pbtxt is not a configuration of the projector: .*; remove or"
    ):
        add(tmp_path, "ours")
    assert (tmp_path / "projector_config.pbtxt").read_text() == "{ broken"
