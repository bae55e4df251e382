"""The modules that the form's scripts import by name."""

from js_asset import ImportMap, Media

SCRIPTS = ("autosave", "keep", "kept", "presence", "snapshot", "stateline")
MODULES = Media(importmap=ImportMap({f"desk/{name}": f"js/desk/{name}.js" for name in SCRIPTS}))
