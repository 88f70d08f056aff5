"""Pure functions, one file a dashboard: a value becomes the bytes of a Summary."""
