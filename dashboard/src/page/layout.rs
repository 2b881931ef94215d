//! What stands around every page.

use super::assets::{ICON, STYLE};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use web::Who;
use web::access::sign_out;
use web::assets::{BASE, LIVE};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Clone)]
pub struct Page {
    title: String,
    /// The address that the navigation marks as where one is.
    place: &'static str,
    body: Markup,
    live: bool,
    wall: bool,
}

impl Page {
    /// A page that is kept fresh.
    pub fn live(title: impl Into<String>, place: &'static str, body: Markup) -> Page {
        Page {
            title: title.into(),
            place,
            body,
            live: true,
            wall: false,
        }
    }

    /// A page that stays as it is: what it says holds for the moment of the answer.
    pub fn still(title: impl Into<String>, body: Markup) -> Page {
        Page {
            live: false,
            ..Page::live(title, "", body)
        }
    }

    /// Marks an address of the navigation as where one is.
    pub fn at(self, place: &'static str) -> Page {
        Page { place, ..self }
    }

    /// For a screen that nobody touches.
    pub fn wall(title: impl Into<String>, body: Markup) -> Page {
        Page {
            wall: true,
            ..Page::live(title, "/wall", body)
        }
    }
}

const PLACES: [(&str, &str); 9] = [
    ("/", "Overview"),
    ("/documents", "Documents"),
    ("/tasks", "Tasks"),
    ("/dead", "Dead letters"),
    ("/workers", "Workers"),
    ("/schedules", "Schedules"),
    ("/audit", "Audit"),
    ("/keys", "Keys"),
    ("/wall", "Wall"),
];

/// The layer around all pages renders it: only there it is known who asks.
impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

impl Page {
    pub fn render(self, who: &Who) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · docfleet" }
                    link rel="icon" href=(ICON.url()) type="image/svg+xml";
                    link rel="stylesheet" href=(BASE.url());
                    link rel="stylesheet" href=(STYLE.url());
                    script type="module" src=(LIVE.url()) {}
                }
                body.wall[self.wall] {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        a.brand href="/" { img src=(ICON.url()) alt="" width="22" height="22"; "docfleet" }
                        nav aria-label="Pages" {
                            @for (address, name) in PLACES {
                                a href=(address) aria-current=[(address == self.place).then_some("page")] { (name) }
                            }
                            a href="/docs" { "API" }
                        }
                        form.find action="/find" method="get" role="search" {
                            input type="search" name="q" placeholder="Document, file name or task id"
                                aria-label="Find a document or a task";
                            button type="submit" { "Find" }
                        }
                        (sign_out(who))
                    }
                    p #offline .notice.bad hidden role="alert" { "The dashboard does not answer; what is shown may be old." }
                    main #main data-live=[self.live.then_some("/api/v1/events")] data-event="fleet" tabindex="-1" { (self.body) }
                }
            }
        };
        ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
    }
}
