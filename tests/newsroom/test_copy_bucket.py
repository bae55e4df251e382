"""A bucket as the target of a copy: signed as Amazon's examples say, against a peer that checks each request."""

import datetime
import hashlib
import http.server
import threading
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from django.utils import timezone

from newsroom.copying import targets
from newsroom.copying.bucket import Bucket, Fault, Keys
from newsroom.copying.export import Export
from newsroom.editions import all_editions
from tests.make import make_article
from tests.newsroom.copies import export as export_to_folder
from tests.newsroom.copies import files, make_site, walk

EMPTY = hashlib.sha256(b"").hexdigest()
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "query", "more", "signature"),
    [
        ("/test.txt", "", {"range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/", "max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_the_signature_is_that_of_amazons_examples(path, query, more, signature):
    at = datetime.datetime(2013, 5, 24, tzinfo=datetime.UTC)
    headers = {
        "host": "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z", "x-amz-content-sha256": EMPTY,
        **more,
    }  # fmt: skip
    said = KEYS.authorization("GET", path, query, headers, EMPTY, at=at)
    assert said.endswith(f"Signature={signature}")


class Storage(http.server.BaseHTTPRequestHandler):
    """A bucket in memory: pages of 20 names, 403 for a wrong signature, 503 when it is told to fail."""

    protocol_version = "HTTP/1.1"

    def _answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _allowed(self, data):
        parts, sent = urlsplit(self.path), self.headers
        names = sent["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        payload = hashlib.sha256(data).hexdigest()
        at = datetime.datetime.strptime(sent["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        headers = {name: sent[name] for name in names}
        wanted = KEYS.authorization(self.command, parts.path, parts.query, headers, payload, at=at)
        return sent["authorization"] == wanted and sent["x-amz-content-sha256"] == payload

    def _do(self):
        store = self.server
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        store.asked.append((self.command, parts.path))
        if store.failing:
            store.failing -= 1
            return self._answer(503)
        if not self._allowed(data) or not parts.path.startswith("/shelf/"):
            return self._answer(403)
        name = unquote(parts.path).removeprefix("/shelf/")
        if self.command == "PUT":
            store.objects[name], store.kinds[name] = data, self.headers["Content-Type"]
            return self._answer(200)
        if self.command == "DELETE":
            return self._answer(204 if store.objects.pop(name, None) is not None else 404)
        return self._list(parse_qs(parts.query))

    def _list(self, query):
        names = sorted(n for n in self.server.objects if n.startswith(query.get("prefix", [""])[0]))
        start = int(query.get("continuation-token", ["0"])[0])
        rows = "".join(
            f'<Contents><Key>{escape(n)}</Key><ETag>"{hashlib.md5(self.server.objects[n]).hexdigest()}"</ETag></Contents>'
            for n in names[start : start + 20]
        )
        more = f"<NextContinuationToken>{start + 20}</NextContinuationToken>" if len(names) > start + 20 else ""
        head = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        return self._answer(200, f"{head}{rows}{more}</ListBucketResult>".encode())

    do_GET = do_PUT = do_DELETE = _do  # noqa: N815 - as http.server calls them

    def log_message(self, *args):
        pass


@pytest.fixture
def storage(settings):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    server.objects, server.kinds, server.asked, server.failing, server.daemon_threads = {}, {}, [], 0, True
    settings.COPY_S3_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    settings.COPY_S3_KEY, settings.COPY_S3_SECRET, settings.COPY_S3_REGION = KEYS.access, KEYS.secret, KEYS.region
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_files_are_stored_listed_and_deleted_once(storage):
    bucket = targets.open_target("s3://shelf/one/two")
    bucket.begin()
    names = [f"a b/{number}ы.html" for number in range(45)]
    assert all(bucket.put(name, name.encode()) for name in names)
    again = targets.open_target("s3://shelf/one/two")
    again.begin()
    assert set(again.standing) == {*names, targets.MARKER}
    assert not any(again.put(name, name.encode()) for name in names)
    assert again.put(names[0], b"other")
    again.delete(names[1])
    again.delete(names[1])
    assert storage.objects[f"one/two/{names[0]}"] == b"other"
    assert f"one/two/{names[1]}" not in storage.objects
    assert storage.kinds[f"one/two/{names[0]}"] == "text/html; charset=utf-8"


def test_what_is_not_ours_is_refused(storage, settings):
    storage.objects["mine/letter.txt"] = b"mine"
    with pytest.raises(targets.Refused, match="holds other things"):
        targets.open_target("s3://shelf/mine").begin()
    with pytest.raises(targets.Refused, match="Write s3"):
        targets.open_target("s3://../x")
    settings.COPY_S3_SECRET = "wrong"
    with pytest.raises(Fault, match="403"):
        targets.open_target("s3://shelf/other").begin()
    assert storage.objects == {"mine/letter.txt": b"mine"}


def test_a_fault_of_the_moment_is_tried_again_and_a_lasting_one_is_told(storage):
    bucket = targets.open_target("s3://shelf")
    bucket.begin()
    storage.failing = 2
    assert bucket.put("a.html", b"x")
    storage.failing = 99
    with pytest.raises(Fault, match="503"):
        bucket.put("b.html", b"x")


@pytest.mark.django_db(transaction=True)
def test_a_copy_in_a_bucket_is_the_one_in_a_folder(storage, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    make_site(stories=1)

    def export():
        run = Export(Bucket.open("s3://shelf/copy"), all_editions(), at=timezone.now())
        run.run()
        return run

    def copy():
        return {name.removeprefix("copy/"): data for name, data in storage.objects.items()}

    export()
    export_to_folder(tmp_path / "folder")
    assert copy() == files(tmp_path / "folder")
    assert walk(copy())[:2] == (set(), set())
    assert export().written == 0
    make_article(published=True, headline="Newest")
    export()
    export_to_folder(tmp_path / "folder")
    assert copy() == files(tmp_path / "folder")
