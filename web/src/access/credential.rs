//! The credential that a request carries.

use axum::http::{HeaderMap, header};
use store::SESSION;

#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer …`
    Key(String),
    /// The session cookie, set at sign-in.
    Session(String),
}

/// Browsers send a host's cookies to all of its ports, so a session opened at the gateway is also valid at the dashboard of the
/// same host. Both look it up in the same table.
const COOKIE: &str = "docfleet_session";
const BEARER: &str = "bearer ";

impl Credential {
    /// A key takes precedence over a session.
    pub fn of(headers: &HeaderMap) -> Option<Credential> {
        bearer(headers)
            .map(Credential::Key)
            .or_else(|| session(headers).map(Credential::Session))
    }

    pub fn is_session(&self) -> bool {
        matches!(self, Credential::Session(_))
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = text.split_at_checked(BEARER.len())?;
    scheme.eq_ignore_ascii_case(BEARER).then(|| secret.trim().to_owned())
}

pub fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then(|| value.to_owned()))
}

/// The cookie is hidden from scripts (HttpOnly), and requests from other sites carry it only when the user follows a link
/// (SameSite=Lax). `secure`: the page was loaded over TLS, so the cookie must never travel unencrypted.
pub fn cookie(token: &str, secure: bool) -> String {
    let (age, secure) = (SESSION.as_secs(), if secure { "; Secure" } else { "" });
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}

pub fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn of(name: HeaderName, value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        match Credential::of(&headers)? {
            Credential::Key(text) => Some(format!("key {text}")),
            Credential::Session(text) => Some(format!("session {text}")),
        }
    }

    #[test]
    fn keys_and_sessions_are_found_among_other_things() {
        assert_eq!(of(header::AUTHORIZATION, "Bearer df_1"), Some("key df_1".into()));
        assert_eq!(of(header::AUTHORIZATION, "bearer  df_1"), Some("key df_1".into()));
        assert_eq!(of(header::AUTHORIZATION, "Basic ZGY6MQ=="), None);
        assert_eq!(
            of(header::COOKIE, "a=b; docfleet_session=t1; c=d"),
            Some("session t1".into())
        );
        assert_eq!(of(header::COOKIE, "docfleet_session_2=t1"), None);
    }
}
