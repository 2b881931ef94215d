//! HTML fragments that several pages use.

use super::words::{number, outcome, short, when};
use broker::inspect::{Minute, TaskRow};
use maud::{Markup, PreEscaped, html};
use queue_schema::State;

pub use web::parts::{address, pill};

/// A figure that links to the list of what it counts. Zero is greyed out.
pub fn figure(n: i64, link: &str, class: &str) -> Markup {
    html! {
        @if n == 0 { a.zero href=(link) { "0" } }
        @else { a class=(class) href=(link) { (number(n)) } }
    }
}

/// Bars of the last hour: done runs, and failed runs stacked on top in another shape.
pub fn spark(history: &[Minute], (width, height): (u32, u32), what: &str) -> Markup {
    let most = history.iter().map(|m| m.done + m.failed).max().unwrap_or(0).max(1) as f64;
    let step = f64::from(width) / history.len().max(1) as f64;
    let (done, failed) = history
        .iter()
        .fold((0, 0), |(done, failed), m| (done + m.done, failed + m.failed));
    let label = format!("{what}, last hour: {done} done, {failed} failed runs");
    let bar = |i: usize, from: i64, n: i64, class: &str| {
        let full = f64::from(height);
        let tall = (n as f64 / most * full).max(1.5);
        let top = (full - from as f64 / most * full - tall).max(0.0);
        format!(
            r#"<rect class="{class}" x="{:.2}" y="{top:.2}" width="{:.2}" height="{tall:.2}"/>"#,
            i as f64 * step,
            (step - 0.6).max(0.6)
        )
    };
    let mut bars = String::new();
    for (i, minute) in history.iter().enumerate() {
        if minute.done > 0 {
            bars += &bar(i, 0, minute.done, "done");
        }
        if minute.failed > 0 {
            bars += &bar(i, minute.done, minute.failed, "failed");
        }
    }
    html! {
        svg.spark viewBox={ "0 0 " (width) " " (height) } preserveAspectRatio="none" role="img" aria-label=(label) {
            title { (label) }
            line.base x1="0" x2=(width) y1=(height) y2=(height) {}
            (PreEscaped(bars))
        }
    }
}

pub fn task_link(task: &TaskRow) -> Markup {
    html! { a.id href={ "/tasks/" (task.id) } title=(task.id) { (short(task.id)) } }
}

/// The optional columns of a table of tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    All,
    /// For a queue's own page, where its name would be redundant.
    WithoutQueue,
}

/// A table of tasks. `empty` is the text for an empty list.
pub fn tasks(rows: &[TaskRow], columns: Columns, empty: &str) -> Markup {
    if rows.is_empty() {
        return html! { p.empty { (empty) } };
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label="Tasks" {
            table {
                thead { tr {
                    th { "Task" }
                    th { "State" }
                    @if columns == Columns::All { th { "Queue" } }
                    th { "Kind" }
                    th.n { "Attempts" }
                    th { "When" }
                    th { "Last run" }
                } }
                tbody {
                    @for task in rows {
                        tr data-key=(task.id) {
                            td { (task_link(task)) }
                            td { (pill(task.state.as_str())) }
                            @if columns == Columns::All { td { a href={ "/queues/" (task.queue) } { (task.queue) } } }
                            td { (task.kind) }
                            td.n { (task.attempts) span.quiet { "/" (task.max_attempts) } }
                            td.time { (moment(task)) }
                            td.message { (last_run(task)) }
                        }
                    }
                }
            }
        }
    }
}

/// The time that matters in the task's state.
fn moment(task: &TaskRow) -> Markup {
    let (word, at) = match task.state {
        State::Scheduled => ("due", task.due_at),
        State::Running => ("begun", task.started_at.unwrap_or(task.created_at)),
        State::Ready => ("enqueued", task.created_at),
        _ => ("ended", task.finished_at.unwrap_or(task.created_at)),
    };
    html! { span.quiet { (word) " " } (when(at)) }
}

pub fn last_run(task: &TaskRow) -> Markup {
    html! {
        @if let (Some(done), Some(total)) = (task.progress_done, task.progress_total) {
            @if task.state == State::Running { progress max=(total) value=(done) { (done) " of " (total) } " " }
        }
        @if let Some(name) = task.outcome.as_deref().filter(|name| *name != "done") {
            @let (word, sentence) = outcome(name);
            span.outcome title=(sentence) { (word) }
            @if let Some(message) = task.message() { span.quiet { ": " (message) } }
        }
    }
}

/// Links to the first and the next page of a list.
pub fn pager(first: Option<&str>, next: Option<String>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pager aria-label="Pages of the list" {
                @if let Some(first) = first { a href=(first) { "First" } }
                @if let Some(next) = next { a href=(next) { "Next" } }
            }
        }
    }
}

/// A button that posts to the address `action`.
pub fn button(action: &str, word: &str, class: &str) -> Markup {
    html! {
        form.inline method="post" action=(action) { button type="submit" class=(class) { (word) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_hour_is_drawn_and_told() {
        let svg = spark(&[Minute::default(); 60], (120, 24), "ocr").into_string();
        assert!(
            svg.contains("ocr, last hour: 0 done, 0 failed runs") && !svg.contains("<rect"),
            "{svg}"
        );
    }
}
