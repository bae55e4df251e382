"""The public content of an edition as JSON, for apps and partners: read only, without accounts, version 1."""
