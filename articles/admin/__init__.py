"""Stories, pages, people, photos, sections and topics in the admin."""

from articles.admin import article, front, page, people, photo, protection  # noqa: F401 - importing registers
