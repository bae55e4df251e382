"""What the search index knows of itself; its words lie in a table of the engine's own, see articles.search."""

from django.db import connection, models


class SearchEntry(models.Model):
    """That a story has an entry in the index, and of which make. No foreign key: entries outlive nothing, see index."""

    article_id = models.BigIntegerField(primary_key=True)
    generation = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        # Serves the look for entries that have to be written anew.
        indexes = [models.Index(fields=["generation"], name="searchentry_generation")]

    def __str__(self):
        return f"entry {self.article_id}"


class SearchStemQuerySet(models.QuerySet):
    """Stems by how they begin or end."""

    def beginning(self, column, letters):
        """Keep the stems whose column (`stem`, or `tail`: its letters from behind) begins so, by an index."""
        if connection.vendor == "postgresql":
            return self.filter(**{f"{column}__startswith": letters})
        return self.filter(**{f"{column}__gte": letters, f"{column}__lt": letters + "\U0010ffff"})


class SearchStem(models.Model):
    """A stem that stands in public stories, and in how many: the vocabulary against which typing errors are judged."""

    SHORTEST, LONGEST = 3, 30

    stem = models.CharField(max_length=60, primary_key=True)
    tail = models.CharField(max_length=60, db_index=True)
    stories = models.IntegerField()

    objects = SearchStemQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.stem

    @classmethod
    def is_word(cls, stem):
        """Tell whether a stem is a word that somebody may have mistyped: letters, neither short nor endless."""
        return cls.SHORTEST <= len(stem) <= cls.LONGEST and stem.isalpha()
