//! What all pages of the dashboard share.

use super::assets::{ICON, STYLE};
use maud::{Markup, html};
use web::page::{Page, Site};

pub static SITE: Site = Site {
    name: "dashboard",
    icon: ICON,
    style: STYLE,
    places: &[
        ("/", "Overview"),
        ("/documents", "Documents"),
        ("/tasks", "Tasks"),
        ("/dead", "Dead letters"),
        ("/workers", "Workers"),
        ("/schedules", "Schedules"),
        ("/audit", "Audit"),
        ("/keys", "Keys"),
        ("/wall", "Wall"),
    ],
    beside: find,
};

fn find() -> Markup {
    html! {
        form.find action="/find" method="get" role="search" {
            input type="search" name="q" placeholder="Document, file name or task id" aria-label="Find a document or a task";
            button type="submit" { "Find" }
        }
    }
}

/// A page that refreshes itself.
pub fn live(title: impl Into<String>, place: &'static str, body: Markup) -> Page {
    Page::new(title, body).at(place).following("/api/v1/events", "fleet")
}
