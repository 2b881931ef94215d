//! What stands around every page.

use super::assets::{ICON, STYLE};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use web::Who;
use web::access::sign_out;
use web::assets::{Asset, BASE, LIVE};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Clone)]
pub struct Page {
    title: String,
    /// The server-sent events that keep the whole page fresh, and their name.
    follows: Option<(String, &'static str)>,
    /// Beside the one that keeps pages fresh.
    scripts: &'static [Asset],
    body: Markup,
}

impl Page {
    pub fn new(title: impl Into<String>, body: Markup) -> Page {
        Page {
            title: title.into(),
            follows: None,
            scripts: &[],
            body,
        }
    }

    pub fn with(self, scripts: &'static [Asset]) -> Page {
        Page { scripts, ..self }
    }

    pub fn following(self, events: String, name: &'static str) -> Page {
        Page {
            follows: Some((events, name)),
            ..self
        }
    }
}

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
        let (events, name) = self.follows.unzip();
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
                    @for script in self.scripts { script type="module" src=(script.url()) {} }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        a.brand href="/" { img src=(ICON.url()) alt="" width="22" height="22"; "docfleet" }
                        nav aria-label="Pages" {
                            a href="/" { "Documents" }
                            a href="/docs" { "API" }
                        }
                        (sign_out(who))
                    }
                    p #offline .notice.bad hidden role="alert" { "The gateway does not answer; what is shown may be old." }
                    main #main data-live=[events] data-event=[name] tabindex="-1" { (self.body) }
                }
            }
        };
        ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
    }
}
