//! The list of tasks of all queues.

use super::Shown;
use super::layout::live;
use super::parts::{Columns, address, pager, tasks};
use crate::api::tasks::list_tasks;
use crate::api::{TaskListing, given};
use crate::state::Dashboard;
use axum::extract::State;
use maud::{Markup, html};
use queue_schema::{Queue, State as TaskState};
use std::sync::Arc;
use web::Params;

pub async fn show(State(dashboard): State<Arc<Dashboard>>, Params(listing): Params<TaskListing>) -> Shown {
    let list = list_tasks(&dashboard, &listing).await?;
    let to = |cursor: Option<&str>| {
        address(
            "/tasks",
            &[
                ("queue", given(&listing.queue)),
                ("state", given(&listing.state)),
                ("kind", given(&listing.kind)),
                ("document", given(&listing.document)),
                ("cursor", cursor),
            ],
        )
    };
    let first = to(None);
    let body = html! {
        h1 { "Tasks" }
        (filters(&listing))
        (tasks(&list.tasks, Columns::All, "No task matches."))
        (pager(given(&listing.cursor).map(|_| first.as_str()), list.next_cursor.as_deref().map(|cursor| to(Some(cursor)))))
    };
    Ok(live("Tasks", "/tasks", body))
}

fn filters(listing: &TaskListing) -> Markup {
    html! {
        form.filters method="get" action="/tasks" {
            (select("queue", "Any queue", Queue::ALL.iter().map(|q| q.as_str()), given(&listing.queue)))
            (select("state", "Any state", TaskState::ALL.iter().map(|s| s.as_str()), given(&listing.state)))
            input type="text" name="kind" value=(given(&listing.kind).unwrap_or_default()) placeholder="Kind" aria-label="Kind";
            input type="text" name="document" value=(given(&listing.document).unwrap_or_default()) placeholder="Document id" aria-label="Document id";
            button type="submit" { "Show" }
        }
    }
}

/// A drop-down of these names, with an entry for any.
pub fn select<'a>(name: &str, any: &str, all: impl Iterator<Item = &'a str>, chosen: Option<&str>) -> Markup {
    html! {
        select name=(name) aria-label=(any) {
            option value="" { (any) }
            @for one in all { option value=(one) selected[chosen == Some(one)] { (one.replace('_', " ")) } }
        }
    }
}
