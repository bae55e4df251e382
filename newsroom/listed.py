"""Rows of another table as a list in the row that they belong to: a few small values without a query of their own."""

from django.db.models import JSONField, Subquery


class Listed(Subquery):
    """An annotation that answers with a list of lists: what the subquery's `values()` name, in its order.

    The queryset must name its values by annotation, `values(id=F("tag_id"))`, and hold numbers, booleans and text only.
    """

    output_field = JSONField()
    array, pair = "json_group_array", "json_array"

    def as_sql(self, compiler, connection, template=None, **extra):
        """Return the SQL of SQLite."""
        names = ", ".join(f'"{name}"' for name in self.query.values_select + tuple(self.query.annotation_select))
        template = f"(SELECT {self.array}({self.pair}({names})) FROM (%(subquery)s) AS listed)"  # noqa: S608 - names of our own
        return super().as_sql(compiler, connection, template, **extra)

    def as_postgresql(self, compiler, connection, **extra):
        """Return the SQL of PostgreSQL, which gives NULL for no row at all."""
        copy = self.copy()
        copy.array, copy.pair = "jsonb_agg", "jsonb_build_array"
        return copy.as_sql(compiler, connection, **extra)
