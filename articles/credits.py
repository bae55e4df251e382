"""Photo credits, made by one function so that they look the same wherever they stand."""


def join_credit(creator, agency):
    """Return "creator / agency", one of them alone, or "" when there is none."""
    parts = [part.strip() for part in (creator, agency)]
    return " / ".join(dict.fromkeys(part for part in parts if part))


def photo_line(caption, credit):
    """Return the line under a photo in the trade's form: "Emmanuel Bonne. EPA / TASS"."""
    caption = caption.strip()
    if caption and credit:
        caption += full_stop(caption)
    return " ".join(part for part in (caption, credit) if part)


def full_stop(caption):
    """Return the full stop that `caption` lacks before a credit, or ""."""
    return "" if not caption or caption[-1] in ".!?…»”" else "."
