from tbwriter.messages.summary_pb2 import DATA_CLASS_SCALAR, Summary
from tbwriter.scalar import described_scalar


def test_titles_stand_in_the_metadata_of_the_scalars_dashboard():
    value = Summary.FromString(described_scalar("acc", 0.5, "Accuracy", "of the **test** set")).value[0]
    assert (value.tag, value.simple_value) == ("acc", 0.5)
    metadata = value.metadata
    assert (metadata.display_name, metadata.summary_description) == ("Accuracy", "of the **test** set")
    assert (metadata.plugin_data.plugin_name, metadata.data_class) == ("scalars", DATA_CLASS_SCALAR)
