"""The writing room that every editorial thing uses: drafts, revisions, and the base admin classes."""
