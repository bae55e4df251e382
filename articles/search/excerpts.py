"""Why a story was found: an excerpt around the first hit, and how its words are written there."""

from django.utils.html import format_html, format_html_join

from newsroom.stems import WORD, fold, stem


def highlight(text, stems, *, before=80, length=240):
    """Return an excerpt of `text` around the first word with one of `stems`, as safe HTML with each hit in <mark>."""
    wanted = set(stems)
    hits = [hit for hit in WORD.finditer(text) if stem(fold(hit[0])) in wanted]
    start = max(0, hits[0].start() - before) if hits and hits[0].end() > length else 0
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = len(text) if len(text) <= start + length else max(text.rfind(" ", start, start + length), start + 1)
    pieces, position = [], start
    for hit in hits:
        if start <= hit.start() and hit.end() <= end:
            pieces.append((text[position : hit.start()], hit[0]))
            position = hit.end()
    marked = format_html_join("", "{}<mark>{}</mark>", pieces)
    return format_html("{}{}{}{}", "… " if start else "", marked, text[position:end], " …" if end < len(text) else "")


def spelled(stems, texts):
    """Return the stems as they are written in the texts, where each stands: "Judges harbours"."""
    written = {}
    for text in texts:
        for hit in WORD.finditer(text):
            written.setdefault(stem(fold(hit[0])), hit[0])
    return " ".join(written[word] for word in stems if word in written)
