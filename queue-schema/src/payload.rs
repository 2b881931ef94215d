//! Payloads of tasks. Each kind of task is a payload struct, with its queue and stage as associated constants.

use crate::document::Stage;
use crate::queue::Queue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A kind of task. To add one, define a struct with this trait and a handler for it in a worker.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Must stay stable, because it is stored with each task.
    const KIND: &'static str;
    /// The default queue.
    const QUEUE: Queue;
    /// The queue of its large tasks, if another one.
    const HEAVY: Option<Queue> = None;
    /// The stage of a document that it is part of, if any.
    const STAGE: Option<Stage> = None;
}

macro_rules! payload {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? } $kind:literal in $queue:ident $(or $heavy:ident)? $(for $stage:ident)?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$fmeta])* pub $field: $type),* }

        impl Payload for $name {
            const KIND: &'static str = $kind;
            const QUEUE: Queue = Queue::$queue;
            $(const HEAVY: Option<Queue> = Some(Queue::$heavy);)?
            $(const STAGE: Option<Stage> = Some(Stage::$stage);)?
        }
    };
}

payload! {
    /// Opens a document, checks it against the limits, and counts its pages.
    OpenDocument { document: Uuid } "open_document" in Ocr for Ocr
}

payload! {
    /// Reads pages `first..=last` (from 1): from the text layer if that is good, else by recognition.
    ReadPages { document: Uuid, first: u32, last: u32, languages: String, force_ocr: bool } "read_pages" in Ocr for Ocr
}

payload! {
    /// Makes the image of one page, `width` pixels wide.
    RenderPage { document: Uuid, page: u32, width: u32 } "render_page" in Processing
}

payload! {
    CategorizeDocument { document: Uuid } "categorize_document" in Categorize for Categorize
}

payload! {
    ExtractFields { document: Uuid } "extract_fields" in Extract for Extract
}

payload! {
    /// Makes the files for download and completes the document.
    FinalizeDocument { document: Uuid, searchable_pdf: bool } "finalize_document" in Finalize for Finalize
}

payload! {
    /// Makes the searchable PDF of a finished document that was finalized without one.
    MakeSearchablePdf { document: Uuid } "make_searchable_pdf" in Finalize
}

payload! {
    /// Removes the bytes and rows of a deleted document.
    DeleteDocument { document: Uuid } "delete_document" in Maintenance
}

payload! {
    /// Removes orphaned objects: those of documents whose row is gone, and of uploads that broke off.
    SweepStorage {} "sweep_storage" in Maintenance
}

payload! {
    /// Trains a categorizer for a project from the categories that people assigned.
    TrainCategorizer { project: String } "train_categorizer" in Training or TrainingHeavy
}

payload! {
    /// Evaluates a project's active categorizer on documents that are newer than it and whose category people assigned.
    EvaluateCategorizer { project: String } "evaluate_categorizer" in Evaluation
}
