"""Text: Markdown, rendered by the text dashboard."""

from tbwriter.messages.summary_pb2 import DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tbwriter.messages.tensor_pb2 import DT_STRING, TensorProto, TensorShapeProto


def text(tag: str, markdown: object) -> bytes:
    """A Summary of one text.

    Args:
        tag: its name in the run; ``/text_summary`` is appended, as other writers do and readers of files expect.
        markdown: the text.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: the text is no string.

    Example:
        >>> value = Summary.FromString(text("note", "**bold**")).value[0]
        >>> value.tag, value.tensor.string_val[0]
        ('note/text_summary', b'**bold**')
    """
    if not isinstance(markdown, str):
        came = f"{type(markdown).__name__} {markdown!r:.60}"
        raise TypeError(f"add_text: tag {tag!r}: the text must be a string of Markdown, got {came}; pass str(value)")
    metadata = SummaryMetadata(
        plugin_data=SummaryMetadata.PluginData(plugin_name="text"),
        data_class=DATA_CLASS_TENSOR,
    )
    # Lone surrogates, which undecodable file names contain, have no UTF-8: they show as "?".
    content = markdown.encode("utf-8", "replace")
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=TensorShapeProto(), string_val=[content])
    summary = Summary(value=[Summary.Value(tag=f"{tag}/text_summary", tensor=tensor, metadata=metadata)])
    encoded: bytes = summary.SerializeToString()
    return encoded
