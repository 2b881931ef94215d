"""With a generated client alone: a document is uploaded, followed, read and downloaded."""

import json
import sys
import zipfile

from docfleet_client import AuthenticatedClient
from docfleet_client.api.documents import download_original, get_document, list_documents, upload_document
from docfleet_client.api.results import download_documents, download_searchable_pdf, get_result
from docfleet_client.models import Document, DocumentResult, ListDocumentsStatus, UploadForm
from docfleet_client.types import File

base, key, path = sys.argv[1:]
client = AuthenticatedClient(base_url=base, token=key)

with open(path, "rb") as file:
    form = UploadForm(file=File(payload=file, file_name="letter.pdf", mime_type="application/pdf"), force_ocr=False)
    uploaded = upload_document.sync(client=client, body=form)
assert isinstance(uploaded, Document), uploaded
assert uploaded.project == "default" and uploaded.category is None, uploaded

with client.get_httpx_client().stream("GET", uploaded.links.events, timeout=None) as events:
    for line in events.iter_lines():
        if line.startswith("data:") and json.loads(line[5:])["status"] in ("done", "failed", "cancelled"):
            break

document = get_document.sync(uploaded.id, client=client)
assert isinstance(document, Document) and document.status == "done", document
listed = list_documents.sync(client=client, status=ListDocumentsStatus.DONE, limit=1)
assert [one.id for one in listed.documents] == [uploaded.id], listed
result = get_result.sync(uploaded.id, client=client)
assert isinstance(result, DocumentResult) and result.pages[0].words, result
with open(path, "rb") as file:
    assert download_original.sync(uploaded.id, client=client).payload.read() == file.read()
assert download_searchable_pdf.sync(uploaded.id, client=client).payload.read(5) == b"%PDF-"

with zipfile.ZipFile(download_documents.sync(client=client, ids=str(uploaded.id)).payload) as archive:
    assert archive.testzip() is None
    assert archive.namelist() == ["letter.pdf", "letter.txt", "letter.json", "summary.csv"], archive.namelist()
    assert json.loads(archive.read("letter.json"))["id"] == str(uploaded.id)
    assert archive.read("letter.pdf").startswith(b"%PDF-")
