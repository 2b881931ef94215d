//! Log lines and metrics of uploads.

use telemetry::{Counter, Event, Metric};

static UPLOADS: Counter<1> = Counter::new("docfleet_uploads_total", ["type"], "Documents accepted.");
static BYTES: Counter = Counter::new("docfleet_upload_bytes_total", [], "Bytes of the documents accepted.");

/// All metrics of this crate.
pub static METRICS: &[&dyn Metric] = &[&UPLOADS, &BYTES];

/// A document was accepted. Emit it in the request's span, which identifies the request.
pub(crate) struct DocumentAccepted<'a> {
    pub content_type: &'a str,
    pub bytes: u64,
    pub project: &'a str,
}

impl Event for DocumentAccepted<'_> {
    fn emit(&self) {
        let Self {
            content_type,
            bytes,
            project,
        } = self;
        tracing::info!(content_type, bytes, project, "document accepted");
        UPLOADS.add([content_type], 1);
        BYTES.add([], *bytes);
    }
}
