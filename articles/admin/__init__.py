"""Stories, pages, people, photos, sections and topics in the admin."""

from articles.admin import article, front, page, people, photo, protection, redirect  # noqa: F401 - importing registers
