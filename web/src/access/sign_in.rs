//! The sign-in page: a person enters a key once and gets a session.

use super::credential::{self, Credential};
use super::{Access, Who, peer};
use crate::assets;
use crate::page::head;
use crate::problem::Problem;
use crate::words::sentence;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Largest form: a key and the address to return to.
const MOST_BYTES: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

pub fn routes<S: Clone + Send + Sync + 'static>(access: Arc<Access>) -> Router<S> {
    Router::new()
        .route("/sign-in", get(show).post(open))
        .route("/sign-out", post(close))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(access)
        .merge(assets::routes(&[assets::SIGN_IN]))
}

#[derive(Debug, Default, Deserialize)]
struct Wish {
    /// The address to return to after signing in.
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Shown {
    key: String,
    #[serde(default)]
    next: String,
}

async fn show(Query(wish): Query<Wish>) -> Response {
    page(StatusCode::OK, "Sign in", form(&wish.next, None))
}

async fn open(State(access): State<Arc<Access>>, request: Request) -> Response {
    let (peer, secure) = (peer(request.extensions()), is_secure(request.headers()));
    // The client has shown no key yet, so a slow one must not hold the connection.
    let shown = match timeout(PATIENCE, Form::<Shown>::from_request(request, &())).await {
        Ok(Ok(Form(shown))) => shown,
        Ok(Err(error)) => return page(error.status(), "Sign in", form("", Some(&error.body_text()))),
        Err(_) => {
            let what = Some("the form did not arrive in time");
            return page(StatusCode::REQUEST_TIMEOUT, "Sign in", form("", what));
        }
    };
    let credential = Credential::Key(shown.key.trim().to_owned());
    let opened = match access.key(&credential, peer).await {
        Ok(key) => access.store.open_session(&key).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match opened {
        Ok(token) => with_cookie(
            &credential::cookie(token.reveal(), secure),
            Redirect::to(local(&shown.next)),
        ),
        Err(problem) => page(problem.status(), "Sign in", form(&shown.next, Some(problem.detail()))),
    }
}

async fn close(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    if let Some(token) = credential::session(&headers)
        && let Err(error) = access.store.close_session(&token).await
    {
        return Problem::from(error).into_response();
    }
    with_cookie(&credential::no_cookie(), Redirect::to("/sign-in"))
}

/// For the header of every page: the name of the key that is signed in, and a button to sign out.
pub fn sign_out(who: &Who) -> Markup {
    html! {
        @if who.is_signed_in() {
            form.who method="post" action="/sign-out" {
                span.quiet { (who.name()) }
                button.link type="submit" { "Sign out" }
            }
        }
    }
}

/// The page that a browser gets instead of the one it asked for.
pub(super) fn instead_of(request: &Parts, problem: &Problem) -> Response {
    if problem.status() == StatusCode::UNAUTHORIZED {
        // The contents of a submitted form are lost. Start again at `/`, because a GET of the form's own address would not
        // work.
        let wanted = request.uri.path_and_query().filter(|_| request.method == Method::GET);
        let next = wanted.map_or("/", |wanted| wanted.as_str());
        let mut query = String::from("/sign-in?next=");
        query.extend(percent_encoding::utf8_percent_encode(
            next,
            percent_encoding::NON_ALPHANUMERIC,
        ));
        return Redirect::to(&query).into_response();
    }
    let forbidden = problem.status() == StatusCode::FORBIDDEN;
    let body = html! {
        h1 { @if forbidden { "This is not for you" } @else { (problem.title()) } }
        p.notice role="alert" { (sentence(problem.detail())) }
        @if forbidden {
            form method="post" action="/sign-out" { button type="submit" { "Sign in with another key" } }
        } @else {
            // A GET of a form's address would not repeat its action, so link to `/` instead.
            p { a href=(if request.method == Method::GET { "" } else { "/" }) { "Try again" } }
        }
    };
    let mut response = page(problem.status(), "Not so", body);
    if let Some(wait) = problem.wait() {
        let seconds = HeaderValue::from(wait.as_secs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// Accepts only paths of this server. Otherwise a link to the genuine sign-in page could redirect to a fake site.
fn local(next: &str) -> &str {
    let is_local =
        next.starts_with('/') && !next.starts_with("//") && !next.contains(|c: char| c == '\\' || c.is_control());
    if is_local { next } else { "/" }
}

/// Browsers send the header Origin with a form, and its scheme tells whether the page was loaded over TLS.
fn is_secure(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

fn with_cookie(cookie: &str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn form(next: &str, problem: Option<&str>) -> Markup {
    html! {
        h1 { "Sign in" }
        @if let Some(problem) = problem { p.notice role="alert" { (sentence(problem)) } }
        form method="post" action="/sign-in" {
            label for="key" { "Key" }
            input #key type="password" name="key" required autofocus autocomplete="current-password" spellcheck="false";
            input type="hidden" name="next" value=(local(next));
            button.primary type="submit" { "Sign in" }
        }
        p.quiet { "Whoever runs this fleet makes a key with " code { "docfleet keys add" } "." }
    }
}

fn page(status: StatusCode, title: &str, body: Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { (head(title, &[assets::BASE, assets::SIGN_IN])) }
            body { main.door { (body) } }
        }
    };
    (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_to_pages_of_this_server_only() {
        assert_eq!(local("/tasks?queue=ocr"), "/tasks?queue=ocr");
        for elsewhere in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "",
            "tasks",
            "/a\r\nb",
            // Browsers drop the tab, which leaves `//evil.example`.
            "/\t/evil.example",
        ] {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
