"""The projector's files: those of an embedding, and the one that lists all embeddings of a directory."""

import threading

from google.protobuf import text_format

from tbwriter.files.storage import Directory
from tbwriter.messages.plugins_pb2 import EmbeddingInfo, ProjectorConfig

CONFIG = "projector_config.pbtxt"

_config_lock = threading.Lock()


def write_embedding(directory: Directory, entry: EmbeddingInfo, files: dict[str, bytes]) -> None:
    """Write the files of an embedding, then add it to those that the projector knows of that directory.

    Args:
        directory: the run's.
        entry: as `embedding` gives it; one of its name is replaced, all others stay, whoever wrote them.
        files: as `embedding` gives them.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: the configuration that is there cannot be read.
    """
    for path, data in files.items():
        directory.write(path, data)
    with _config_lock:
        present = ""
        if CONFIG in directory.names():
            with directory.open(CONFIG) as file:
                present = file.read().decode()
        directory.write(CONFIG, _merged(directory.join(CONFIG), present, entry).encode())


def _merged(path: str, present: str, entry: EmbeddingInfo) -> str:
    """Entries are appended, so that fields of others that this schema does not know stay as they are."""
    try:
        config = text_format.Parse(present, ProjectorConfig(), allow_unknown_field=True)
    except text_format.ParseError as error:
        raise ValueError(f"{path} is not a configuration of the projector: {error}; remove or repair it") from error
    others = [known for known in config.embeddings if known.tensor_name != entry.tensor_name]
    if len(others) < len(config.embeddings):
        present = text_format.MessageToString(ProjectorConfig(embeddings=others), as_utf8=True)
    separator = "" if not present or present.endswith("\n") else "\n"
    added = text_format.MessageToString(ProjectorConfig(embeddings=[entry]), as_utf8=True)
    return f"{present}{separator}{added}"
