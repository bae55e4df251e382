"""Backups: everything the site is, in two sealed files, made while it runs and put back on an empty machine."""
