"""Giving in the admin: appeals and offers are written here; money moves only by buttons that ask for a reason."""

from donations.admin import asking, bank, books, gifts, safety, sandbox

__all__ = ["asking", "bank", "books", "gifts", "safety", "sandbox"]
