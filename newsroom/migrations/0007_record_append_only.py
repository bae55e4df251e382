from django.db import migrations

from newsroom.triggers import create_statements, drop_statements


def create(apps, schema_editor):
    if schema_editor.connection.alias == "keys":
        return
    for statement in create_statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.alias == "keys":
        return
    for statement in drop_statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0006_staff_sessions")]
    operations = [migrations.RunPython(create, drop)]
