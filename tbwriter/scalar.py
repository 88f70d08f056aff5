"""Scalars and time series: a number with the name and the description that the dashboard shows."""

from tbwriter.messages.summary_pb2 import DATA_CLASS_SCALAR, Summary, SummaryMetadata


def described_scalar(tag: str, value: float, display_name: str, description: str) -> bytes:
    """A Summary of one scalar that says how to title it; without titles `tbwriter.messages.encode` has a faster way.

    Args:
        tag: its name in the run.
        value: the number, stored as float32.
        display_name: the chart's title instead of the tag.
        description: Markdown, shown beside the title.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(described_scalar("acc", 0.5, "Accuracy", "on unseen digits")).value[0].simple_value
        0.5
    """
    # Without plugin name and data class the default loader drops the titles of a simple_value.
    metadata = SummaryMetadata(
        plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"),
        data_class=DATA_CLASS_SCALAR,
        display_name=display_name,
        summary_description=description,
    )
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value, metadata=metadata)])
    encoded: bytes = summary.SerializeToString()
    return encoded
