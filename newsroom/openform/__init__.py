"""All content in an open form, JSON lines and files, and back; what it looks like stands in docs/open-form.md."""
