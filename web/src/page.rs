//! The frame around every page of both servers.

use crate::access::{Who, sign_out};
use crate::assets::{Asset, BASE, LIVE};
use crate::problem::Problem;
use crate::words::sentence;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, html};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What all pages of one server share.
pub struct Site {
    /// The server's name in sentences.
    pub name: &'static str,
    pub icon: Asset,
    /// Loaded after the base style.
    pub style: Asset,
    /// Addresses of the navigation and their names.
    pub places: &'static [(&'static str, &'static str)],
    /// Shown beside the navigation.
    pub beside: fn() -> Markup,
}

/// A page, or the problem that prevented it.
pub type Shown = Result<Page, Problem>;

/// Where a browser goes after an action.
pub type Acted = Result<Redirect, Problem>;

#[derive(Clone)]
pub struct Page {
    title: String,
    place: &'static str,
    /// The address of the server-sent events that refresh the page, and the event's name.
    follows: Option<(String, &'static str)>,
    scripts: &'static [Asset],
    wall: bool,
    body: Markup,
}

impl Page {
    /// A page that is not refreshed.
    pub fn new(title: impl Into<String>, body: Markup) -> Page {
        Page {
            title: title.into(),
            place: "",
            follows: None,
            scripts: &[],
            wall: false,
            body,
        }
    }

    /// Marks this address of the navigation as the current one.
    pub fn at(self, place: &'static str) -> Page {
        Page { place, ..self }
    }

    /// Refreshes the page whenever this stream sends an event of this name.
    pub fn following(self, events: impl Into<String>, name: &'static str) -> Page {
        let follows = Some((events.into(), name));
        Page { follows, ..self }
    }

    /// Adds scripts to the one that refreshes pages.
    pub fn with(self, scripts: &'static [Asset]) -> Page {
        Page { scripts, ..self }
    }

    /// For a wall screen without a user.
    pub fn on_wall(self) -> Page {
        Page { wall: true, ..self }
    }

    fn render(self, site: &Site, who: &Who) -> Response {
        let (events, event) = self.follows.unzip();
        let scripts = [LIVE].into_iter().chain(self.scripts.iter().copied());
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    (head(&self.title, &[BASE, site.style]))
                    link rel="icon" href=(site.icon.url()) type="image/svg+xml";
                    @for script in scripts { script type="module" src=(script.url()) {} }
                }
                body.wall[self.wall] {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        a.brand href="/" { img src=(site.icon.url()) alt="" width="22" height="22"; "docfleet" }
                        nav aria-label="Pages" {
                            @for (address, name) in site.places {
                                a href=(address) aria-current=[(*address == self.place).then_some("page")] { (name) }
                            }
                            a href="/docs" { "API" }
                        }
                        ((site.beside)())
                        (sign_out(who))
                    }
                    p #offline .notice.bad hidden role="alert" {
                        "The " (site.name) " does not answer; what is shown may be old."
                    }
                    main #main data-live=[events] data-event=[event] tabindex="-1" { (self.body) }
                }
            }
        };
        ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
    }
}

/// The start of every page's head.
pub(crate) fn head(title: &str, styles: &[Asset]) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (title) " · docfleet" }
        @for style in styles { link rel="stylesheet" href=(style.url()); }
    }
}

/// Attaches the page to an empty response. [`rendered`] renders it, because only the layer knows the caller.
impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// The layer around a site's pages: renders pages, and turns problems into pages, for the caller.
pub async fn rendered(State(site): State<&'static Site>, who: Who, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(page) = response.extensions_mut().remove::<Page>() {
        return page.render(site, &who);
    }
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let home = site.places.first().map_or("start", |(_, name)| name).to_lowercase();
    let page = Page::new(
        "Not so",
        html! {
            h1 { (problem.title()) }
            p.notice.bad role="alert" { (sentence(problem.detail())) }
            p { a href="/" { "To the " (home) } }
        },
    );
    (status, page.render(site, &who)).into_response()
}
