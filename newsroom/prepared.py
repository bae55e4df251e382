"""Queries whose SQL is composed once by each process: to compose it takes longer than most databases need to answer.

It goes round what Django shows to everybody: compilers and `from_db`. tests/newsroom/test_prepared.py compares the
answers with those of the querysets themselves.
"""

import datetime

from django.db import connections, models, router

FIRST_DAY = datetime.datetime(1901, 1, 1, tzinfo=datetime.UTC)


class Prepared:
    """A queryset with open places: `build(*values)` returns it, `fields` are the fields that the values are put to.

    Its SQL must be the same whatever the values: each stands for itself (exact, greater than …), not inside a pattern
    or a list, and is never None. Answers follow the router, as the queryset does.
    """

    def __init__(self, build, *fields):
        self.build, self.fields = build, fields
        self.composed = {}

    def rows(self, *values):
        """Return the rows as lists: what `values_list` names."""
        return list(self._answer(values)[1])

    def first(self, *values):
        """Return the first instance with its annotations, or None; related rows are not read with it."""
        compiler, rows = self._answer(values)
        row = next(iter(rows), None)
        if row is None:
            return None
        places = compiler.klass_info["select_fields"]
        names = [compiler.select[place][0].target.attname for place in places]
        instance = compiler.klass_info["model"].from_db(compiler.using, names, [row[place] for place in places])
        for name, place in compiler.annotation_col_map.items():
            setattr(instance, name, row[place])
        return instance

    def _answer(self, values):
        alias = router.db_for_read(self.fields[0].model)
        if alias not in self.composed:
            self.composed[alias] = self._compose(alias)
        compiler, statement, parameters, places = self.composed[alias]
        given = self._for_database(connections[alias], values)
        filled = [given[places[number]] if number in places else value for number, value in enumerate(parameters)]
        with connections[alias].cursor() as cursor:
            cursor.execute(statement, filled)
            return compiler, compiler.results_iter([cursor.fetchall()])

    def _compose(self, alias):
        """Return (compiler, SQL, its parameters, {place of a parameter: number of the value that belongs there})."""
        marks = [_mark(field, number) for number, field in enumerate(self.fields)]
        compiler = self.build(*marks).query.get_compiler(using=alias)
        statement, parameters = compiler.as_sql()
        known = self._for_database(connections[alias], marks)
        places = {number: known.index(value) for number, value in enumerate(parameters) if value in known}
        if set(places.values()) != set(range(len(marks))):
            raise ValueError("A value does not stand in the SQL as it is.")
        return compiler, statement, parameters, places

    def _for_database(self, connection, values):
        return [
            field.get_db_prep_value(value, connection) for field, value in zip(self.fields, values, strict=True)
        ]  # fmt: skip


def _mark(field, number):
    """Return a value for an open place that no queryset holds by itself."""
    if isinstance(field, models.DateTimeField):
        return FIRST_DAY + datetime.timedelta(days=number)
    if isinstance(field, models.CharField):
        return f"<{number}>"
    return -1_000_000_007 - number
