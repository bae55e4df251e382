from django.db import migrations


def create(apps, schema_editor):
    """Make the index in the engine's own way. No foreign key: flushing the tables of a test would fail on it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE TABLE articles_search (article_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        schema_editor.execute("CREATE INDEX articles_search_words ON articles_search USING gin (words)")
    else:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE articles_search USING fts5(title, standfirst, body, tokenize = 'unicode61 remove_diacritics 0')"
        )


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE articles_search")


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
