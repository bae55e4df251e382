"""Files that somebody made to do harm, or that broke on the way: a sentence, and nothing left behind.

`BAD_FILES=500` makes more of them (bench/torture_photos.py).
"""

import os

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles.models import Photo
from tests.articles.bad_files import bad_files
from tests.make import make_user

pytestmark = pytest.mark.django_db
FILES = list(bad_files(int(os.environ.get("BAD_FILES", "60"))))


def stored():
    """Return the names of all files in both storages."""
    found = set()
    for storage in (default_storage, storages["private"]):
        folders = [""]
        while folders:
            folder = folders.pop()
            if not storage.exists(folder or "."):
                continue
            inside, files = storage.listdir(folder)
            found |= {f"{folder}/{name}" for name in files}
            folders += [f"{folder}/{name}".lstrip("/") for name in inside]
    return found


@pytest.fixture
def photo_editor():
    return make_user("Photo editor")


@pytest.mark.parametrize("case", FILES, ids=[f"{number}-{case.kind}" for number, case in enumerate(FILES)])
def test_a_bad_file_meets_a_sentence_and_leaves_nothing(client, photo_editor, case):
    client.force_login(photo_editor)
    before = stored()
    upload = SimpleUploadedFile(case.name, case.content, "image/jpeg")
    response = client.post(reverse("admin:articles_photo_upload"), {"files": upload})
    if case.may_be_fine and response.status_code == 200:
        Photo.objects.get().make_renditions()
        return
    assert response.status_code == 422
    assert len(response.json()["errors"]["files"][0]) > 10
    assert Photo.objects.count() == 0
    assert stored() == before


def test_a_photo_that_cannot_be_stored_leaves_no_file(monkeypatch):
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from tests.make import make_image_file

    before = stored()
    monkeypatch.setattr(Photo, "ask_for_renditions", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Photo.take_in(ContentFile(make_image_file().read()), by=None, at=timezone.now())
    assert stored() == before
    assert Photo.objects.count() == 0
