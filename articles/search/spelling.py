"""Typing errors: a wrong, missing, doubled or swapped letter, and words typed with the wrong keyboard switched on."""

from django.db.models.functions import Length

from newsroom.stems import fold, stem, words

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
TO_RUSSIAN, TO_LATIN = str.maketrans(LATIN, RUSSIAN), str.maketrans(RUSSIAN, LATIN)
SHORTEST, LONG = 4, 8
# The longest ending of a word, and the shortest stem for which one is looked behind.
ENDING, LEAST_OF_STEM = 5, 5
MOST_LOOKED_AT, MOST_GUESSES, MOST_UNKNOWN, SPARE = 2000, 3, 3, 4


def guesses(query, stems):
    """Yield lists of stems that may have been meant instead of `stems`, the likeliest first; a bounded number."""
    switched = [
        [stem(word) for word in words(fold(query).translate(table))][: len(stems) + SPARE]
        for table in (TO_RUSSIAN, TO_LATIN)
    ]
    strange = _strange({word for each in (stems, *switched) for word in each})
    yield from (meant for meant in switched if meant and meant != stems and not strange & set(meant))
    wrong = [word for word in stems if word in strange]
    if not 0 < len(wrong) <= MOST_UNKNOWN:
        return
    close = {word: nearest(word) for word in wrong}
    for number in range(MOST_GUESSES):
        if any(len(found) <= number for found in close.values()):
            return
        yield [close[word][number] if word in close else word for word in stems]


def _strange(stems):
    """Return those of the stems that are words and stand in no public story. One query."""
    from articles.models import SearchStem

    wanted = {word for word in stems if SearchStem.is_word(word)}
    return wanted - set(SearchStem.objects.filter(stem__in=wanted).values_list("stem", flat=True))


def nearest(word):
    """Return up to MOST_GUESSES stems of public stories within one wrong letter of a word, two of a long one.

    Whoever errs once leaves the beginning or the end as it is: only such stems are looked at.
    """
    from articles.models import SearchStem

    if len(word) < SHORTEST:
        return []
    allowed = 1 if len(word) < LONG else 2
    intact = max(1, len(word) // 2 - 1)
    stems = SearchStem.objects.beginning("stem", word[:intact])
    stems |= SearchStem.objects.beginning("tail", word[::-1][:intact])
    sized = stems.annotate(size=Length("stem")).filter(size__range=(len(word) - ENDING, len(word) + allowed))
    found = []
    for other, stories in sized.order_by("-stories").values_list("stem", "stories")[:MOST_LOOKED_AT]:
        whole, beginning = distances(word, other)
        # An error in the ending keeps the stemmer from taking it off: then the stem is the beginning of what was typed.
        apart = min(whole, beginning + 1 if len(other) >= LEAST_OF_STEM else whole)
        if apart <= allowed:
            found.append((apart, whole, -stories, other))
    return [other for *_order, other in sorted(found)[:MOST_GUESSES]]


def distances(word, stem):
    """Return how many letters are wrong, missing, too many or swapped with their neighbour between the stem and the
    word, and between the stem and the best beginning of the word that leaves at most an ENDING.

    Source: optimal string alignment, a restricted Damerau–Levenshtein distance.
    """
    before, row = [], list(range(len(stem) + 1))
    best = row[-1]
    for i, letter in enumerate(word, start=1):
        last, row = row, [i]
        for j, counterpart in enumerate(stem, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != counterpart))
            if i > 1 and j > 1 and letter == stem[j - 2] and word[i - 2] == counterpart:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if len(word) - i <= ENDING:
            best = min(best, row[-1])
        before = last
    return row[-1], best
