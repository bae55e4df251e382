"""The description of the API: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), schemas in JSON Schema 2020-12.

The tests hold every answer against it, and it against the addresses that there are.
"""

from django.conf import settings

TEXT, FLAG, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
ADDRESS = {"type": "string", "format": "uri"}
TIME = {"type": "string", "format": "date-time"}


def _maybe(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def _all(**properties):
    """Return an object of which every property is always there, and no other."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(schema):
    return {"type": "array", "items": schema}


NAMED = {"slug": TEXT, "name": TEXT}
PAGE = {
    "count": {**NUMBER, "description": "How many there are on all pages together."},
    "next": _maybe(ADDRESS),
    "previous": _maybe(ADDRESS),
}
SUMMARY = {
    "id": {**TEXT, "description": "Stays when headline, address or day change."},
    "url": ADDRESS,
    "api": ADDRESS,
    "language": {**TEXT, "description": "BCP 47."},
    "kicker": TEXT,
    "headline": TEXT,
    "standfirst": TEXT,
    "section": _maybe(_all(**NAMED)),
    "byline": {**TEXT, "description": "The line as readers see it; empty when nobody signs."},
    "people": _list(_ref("Contributor")),
    "published_at": TIME,
    "updated_at": {**_maybe(TIME), "description": "When new facts or a correction came; null when none did."},
    "is_opinion": FLAG,
    "is_live": FLAG,
    "photo": _maybe(_ref("Photo")),
}
NOTE = {
    "number": NUMBER,
    "kind": {"enum": ["update", "clarification", "correction", "editors_note", "apology", "retraction"]},
    "text": TEXT,
    "place": {"enum": ["top", "end"]},
    "created_at": TIME,
}
SECTION = {**NAMED, "description": TEXT, "url": ADDRESS, "api": ADDRESS}
SCHEMAS = {
    "Error": _all(error={"enum": ["not_found", "withdrawn"]}, message=TEXT),
    "Section": _all(**SECTION),
    "Topic": _all(**SECTION),
    "Person": _all(**NAMED, title=TEXT, url=ADDRESS, api=ADDRESS),
    "Contributor": _all(
        **NAMED, role={"enum": ["reporting", "photos", "translation", "editing", "additional"]}, url=ADDRESS
    ),
    "Photo": _all(
        url=ADDRESS, width=NUMBER, height=NUMBER, alt=TEXT, caption=TEXT,
        credit={**TEXT, "description": "Must stand wherever the photo is shown."}, credit_url=TEXT, licence_url=TEXT,
    ),
    "Correction": _all(**NOTE),
    "LiveEntry": _all(id=TEXT, title=TEXT, text_html=TEXT, is_key=FLAG, created_at=TIME, url=ADDRESS),
    "Translation": _all(id=TEXT, language=TEXT, url=ADDRESS, api=ADDRESS),
    "Summary": _all(**SUMMARY),
    "Story": _all(
        **SUMMARY,
        body_html={**TEXT, "description": "Clean HTML without script, looks and ids; every address is whole."},
        topics=_list(_all(**NAMED)), corrections=_list(_ref("Correction")), live_entries=_list(_ref("LiveEntry")),
        translations=_list(_ref("Translation")),
    ),
    "Edition": _all(
        title=TEXT, tagline=TEXT, language=TEXT, url=ADDRESS, sections=_list(_ref("Section")), stories=ADDRESS,
        topics=ADDRESS, corrections=ADDRESS, documentation=ADDRESS,
    ),
    "Stories": _all(**PAGE, stories=_list(_ref("Summary"))),
    "StoriesOfSection": _all(**PAGE, section=_ref("Section"), stories=_list(_ref("Summary"))),
    "StoriesOfTopic": _all(**PAGE, topic=_ref("Topic"), stories=_list(_ref("Summary"))),
    "StoriesOfPerson": _all(**PAGE, person=_ref("Person"), stories=_list(_ref("Summary"))),
    "Topics": _all(**PAGE, topics=_list(_ref("Topic"))),
    "Corrections": _all(
        **PAGE,
        corrections=_list(_all(**NOTE, url=ADDRESS, story=_all(id=TEXT, headline=TEXT, url=ADDRESS))),
    ),
}  # fmt: skip
SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}}
ID = {
    "name": "public_id", "in": "path", "required": True,
    "schema": {"type": "string", "pattern": "^[0-9A-Za-z]{8,12}$"},
}  # fmt: skip
NUMBER_OF_PAGE = {
    "name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1, "default": 1},
}  # fmt: skip


def _get(name, summary, schema, *parameters, **others):
    responses = {"200": _answer("Found.", schema)}
    if parameters:
        responses["404"] = _answer("Nothing public is there.", _ref("Error"))
    responses |= {status: _answer(words, _ref("Error")) for status, words in others.items()}
    return {"get": {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": responses}}


def _answer(words, schema):
    return {"description": words, "content": {"application/json": {"schema": schema}}}


PATHS = {
    "/": _get("start", "The edition and its sections", _ref("Edition")),
    "/openapi.json": _get("document", "This description", {"type": "object"}),
    "/stories/": _get("stories", "All stories, the newest first", _ref("Stories"), NUMBER_OF_PAGE),
    "/stories/{public_id}/": _get(
        "story", "A whole story", _ref("Story"), ID, **{"410": "The story was withdrawn: take it down too."}
    ),
    "/sections/{slug}/": _get("section", "A section with its stories", _ref("StoriesOfSection"), SLUG, NUMBER_OF_PAGE),
    "/topics/": _get("topics", "Topics with public stories, by name", _ref("Topics"), NUMBER_OF_PAGE),
    "/topics/{slug}/": _get("topic", "A topic with its stories", _ref("StoriesOfTopic"), SLUG, NUMBER_OF_PAGE),
    "/people/{slug}/": _get(
        "person", "Somebody who signs by name, with the stories", _ref("StoriesOfPerson"), SLUG, NUMBER_OF_PAGE
    ),
    "/corrections/": _get("corrections", "All corrections, the newest first", _ref("Corrections"), NUMBER_OF_PAGE),
}
ABOUT = (
    "Everything that readers of the title see, as JSON, and nothing else: a name that may not appear does not appear "
    "here. No key, no account, no cookie. Answers may be stored for a minute; ETag tells whether something changed. "
    "A story that answers 410 was withdrawn. The credit of a photo must stand wherever the photo is shown."
)


def of(edition):
    """Return the document of an edition as a dict that JSON can hold."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{edition.title}: public content", "version": "1.0.0", "description": ABOUT},
        "servers": [{"url": f"{settings.HOME_ORIGIN}{edition.prefix}/api/v1"}],
        "paths": PATHS,
        "components": {"schemas": SCHEMAS},
    }
