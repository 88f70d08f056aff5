"""Text: Markdown, rendered by the text dashboard."""

from tbwriter.summaries.tensor import string_tensor, summary, tensor_value


def text(tag: str, markdown: object) -> bytes:
    """A Summary of one text.

    Args:
        tag: its name in the run, before `text_tag`.
        markdown: the text.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: the text is not a string.

    Example:
        >>> from tbwriter.messages.summary_pb2 import Summary
        >>> only = Summary.FromString(text("note", "**bold**")).value[0]
        >>> only.tag, only.tensor.string_val[0]
        ('note/text_summary', b'**bold**')
    """
    if not isinstance(markdown, str):
        got = f"{type(markdown).__name__} {markdown!r:.60}"
        raise TypeError(f"add_text: tag {tag!r}: the text must be a string of Markdown, got {got}; pass str(value)")
    # Lone surrogates, which undecodable file names contain, have no UTF-8: they show as "?".
    content = markdown.encode("utf-8", "replace")
    return summary(tensor_value(text_tag(tag), string_tensor([content], ()), "text"))


def text_tag(tag: str) -> str:
    """The tag with the ending that other writers give it, and readers of files expect.

    Args:
        tag: the caller's.

    Returns:
        The tag in the file.

    Example:
        >>> text_tag("note")
        'note/text_summary'
    """
    return f"{tag}/text_summary"
