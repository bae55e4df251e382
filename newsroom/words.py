"""The words of the desk's scripts. They stand in the scripts in English; a page in another language brings its own."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# fmt: off
IN_SCRIPTS = (
    _("16 : 9"), _("2 : 3"), _("3 : 2"), _("4 : 5"), _("Address"), _("Address (https://…)"), _("Agency"),
    _("Alt text"), _("Alternative text"), _("Alternative text: what one sees"), _("Any shape"), _("Bold"), _("Box"),
    _("Caption"), _("Change"), _("Choose a photo"), _("Choose a picture from the library next"), _("Choose a story"),
    _("Close"), _("Column of headings"), _("Column to the left"), _("Column to the right"), _("Crop"),
    _("Crop the photo"), _("Cropped for this story"), _("Decorative: says nothing that the text does not say"),
    _("Delete the column"),
    _("Delete the row"), _("Delete the table"),
    _("Draw on the picture, or use the sliders: arrow keys move them. Readers never get what is cut off."),
    _("Embed"), _("File"), _("Find"), _("Find and replace"), _("Footnote"), _("Formatting"), _("From the left"),
    _("From the top"), _("Gallery, with its neighbours"), _("Height"),
    _("Insert"), _("Italic"), _("Item one level in, one level out"), _("Keep"),
    _("Keyboard shortcuts"), _("Line between parts"), _("Link"), _("Link to a story of ours"), _("List"),
    _("List, while typing"), _("Lowered"), _("Match case"), _("Merge cells"), _("Message to readers"),
    _("New line in the same paragraph"), _("Newsletter"), _("Newsletter box"), _("Next"),
    _("Next cell of a table; behind the last one, a new row"), _("No credit: name one in the library"), _("Normal"),
    _("Not found"), _("Nothing found."), _("Numbered list"), _("Numbered list, while typing"), _("Photo"),
    _("Photographer"), _("Previous"), _("Pull quote"), _("Quotation"), _("Quotation, while typing"), _("Raised"),
    _("Read more"), _("Redo"), _("Related story"), _("Remove"), _("Remove the link"), _("Remove the photo"),
    _("Replace"), _("Replace all"), _("Replace the photo"), _("Replace with"), _("Row above"), _("Row below"),
    _("Row of headings"), _("Save"), _("Search"), _("Shape"), _("Smaller subhead"), _("Split the cell"), _("Square"),
    _("Struck through"), _("Subhead"), _("Subhead, while typing"), _("Table"), _("Take in and use"),
    _("Take it in all the same"), _("Text"),
    _("Text of the note"), _("The list cannot be loaded. Are you offline?"),
    _("This could not be sent. Are you offline?"), _("This could not be taken in."),
    _("This photo is no longer in the library"), _("This story is gone"), _("To the toolbar"), _("Undo"),
    _("Upload a new photo"), _("Use the one in the library"), _("Use this crop"), _("Video or post from another site"),
    _("What it says, kept here: readers see this even when the platform is blocked"), _("What it shows"),
    _("What one sees here (empty: the photo's own text)"), _("Who said it"), _("Whole picture"), _("Wide"),
    _("Width"), _("Width of the photo"), _("no credit"), _("not public"), _("not public: readers will not see it"),
    _("{at} of {n}"), _("{n} found"), _("{n} replaced"), _("{n} words · {minutes} min"),
)
# fmt: on


def translated():
    """Return {English: words in the active language} of what differs."""
    pairs = ((words, gettext(words)) for words in IN_SCRIPTS)
    return {english: words for english, words in pairs if words != english}
