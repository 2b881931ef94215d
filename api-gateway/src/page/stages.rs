//! The stages of a document: progress, duration, and why a stage waits.

use super::words::{clock, count, sentence};
use crate::wire::{Document, StageOfDocument};
use maud::{Markup, html};
use queue_schema::document::Stage;
use store::StageState;
use web::parts::pill;
use web::words::seconds;

pub fn show(document: &Document) -> Markup {
    html! {
        section.card aria-labelledby="stages" {
            h2 #stages { "Stages" }
            ol.steps {
                @for stage in &document.stages {
                    li class=(stage.state.as_str()) {
                        p.step { strong { (stage.stage) } " " (pill(stage.state.as_str())) }
                        (progress(document, stage))
                        (times(stage))
                        @if let Some(why) = why(document, stage) { p.said { (sentence(why)) } }
                    }
                }
            }
        }
    }
}

/// Progress in pages during OCR, and in tasks when a stage has several.
fn progress(document: &Document, stage: &StageOfDocument) -> Markup {
    let pages = document.page_count.filter(|_| stage.stage == Stage::Ocr);
    html! {
        @if let Some(pages) = pages {
            p {
                @if !document.status.is_terminal() && document.pages_read < i64::from(pages) {
                    progress max=(pages) value=(document.pages_read) aria-label="Pages read" {} " "
                }
                (document.pages_read) " of " (count(pages.into(), "page"))
            }
        } @else if stage.tasks.total > 1 {
            p { (stage.tasks.done) " of " (count(stage.tasks.total, "task")) }
        }
    }
}

fn times(stage: &StageOfDocument) -> Markup {
    let took = stage
        .started_at
        .zip(stage.finished_at)
        .map(|(start, end)| seconds((end - start).as_seconds_f64()));
    let work = (stage.work_ms > 0).then(|| seconds(stage.work_ms as f64 / 1000.0));
    html! {
        @if let Some(start) = stage.started_at {
            p.quiet {
                "Started " (clock(start))
                @if let Some(took) = &took { ", took " (took) }
                // The two times differ: tasks of a stage wait, or several run in parallel.
                @if let Some(work) = work.filter(|work| Some(work) != took.as_ref()) { ", " (work) " of work" }
            }
        }
    }
}

/// Why a stage is not done. The error that failed the document is shown above all stages, so it is left out here.
fn why<'a>(document: &Document, stage: &'a StageOfDocument) -> Option<&'a str> {
    let told = stage.state == StageState::Failed && document.error.is_some();
    stage.why.as_deref().filter(|_| !told)
}
