"""Letters to readers."""
