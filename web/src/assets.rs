//! Styles, scripts and icons, embedded in the binary. Their addresses contain a hash of their content, so browsers cache each
//! for good and fetch a changed one at once.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub path: &'static str,
    pub content_type: &'static str,
    pub text: &'static str,
}

impl Asset {
    pub const fn style(path: &'static str, text: &'static str) -> Asset {
        Asset {
            path,
            content_type: "text/css; charset=utf-8",
            text,
        }
    }

    pub const fn script(path: &'static str, text: &'static str) -> Asset {
        Asset {
            path,
            content_type: "text/javascript; charset=utf-8",
            text,
        }
    }

    pub const fn icon(path: &'static str, text: &'static str) -> Asset {
        Asset {
            path,
            content_type: "image/svg+xml",
            text,
        }
    }

    pub fn url(&self) -> String {
        let hash = Sha256::digest(self.text);
        let version: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}?v={version}", self.path)
    }
}

pub const SIGN_IN: Asset = Asset::style("/static/sign-in.css", include_str!("../static/sign-in.css"));
/// The style that every page loads first, before the server's own.
pub const BASE: Asset = Asset::style("/static/base.css", include_str!("../static/base.css"));
/// Refreshes a page when one of the events that the page names arrives.
pub const LIVE: Asset = Asset::script("/static/live.js", include_str!("../static/live.js"));

pub fn routes<S: Clone + Send + Sync + 'static>(assets: &[Asset]) -> Router<S> {
    assets.iter().fold(Router::new(), |router, asset| {
        let headers = [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        let text = asset.text;
        router.route(asset.path, get(move || async move { (headers, text) }))
    })
}
