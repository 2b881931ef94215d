//! What happens to uploads, as it is logged and counted.

use telemetry::{Event, Metric};

const UPLOADS: Metric = Metric::counter("docfleet_uploads_total", &["type"], "Documents that were accepted.");
const BYTES: Metric = Metric::counter(
    "docfleet_upload_bytes_total",
    &[],
    "Bytes of the documents that were accepted.",
);

/// All that this crate counts.
pub const METRICS: &[Metric] = &[UPLOADS, BYTES];

/// A document was accepted. To be emitted in its request's span, which names it.
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
        metrics::counter!(UPLOADS.name, "type" => content_type.to_string()).increment(1);
        metrics::counter!(BYTES.name).increment(*bytes);
    }
}
