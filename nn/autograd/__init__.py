"""The tape, ops and their registry, backward, and the check of gradients against differences."""
