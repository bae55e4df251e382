"""Money given by readers."""
