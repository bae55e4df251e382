"""Stories, pages, people, photos, sections and topics in the admin."""

from articles.admin import page  # noqa: F401 - importing registers
