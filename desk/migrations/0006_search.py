from django.db import migrations


def create(apps, schema_editor):
    """Make the index in the engine's own way. No foreign key: flushing the tables of a test would fail on it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE TABLE desk_search (draft_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        schema_editor.execute("CREATE INDEX desk_search_words ON desk_search USING gin (words)")
    else:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE desk_search USING fts5("
            "words, tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\")"
        )


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE desk_search")


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_scrubbing")]

    operations = [migrations.RunPython(create, drop)]
