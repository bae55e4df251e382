"""Moving in from another system: read its export, say what would become of each thing, then bring it in."""
