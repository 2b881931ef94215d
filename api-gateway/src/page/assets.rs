//! Style, script and icon, within the binary. Their addresses carry a hash of their content, so browsers keep them until
//! they change.

use crate::app::Gateway;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};

pub struct Asset {
    path: &'static str,
    content_type: &'static str,
    text: &'static str,
}

pub const STYLE: Asset = Asset {
    path: "/static/app.css",
    content_type: "text/css; charset=utf-8",
    text: include_str!("../../static/app.css"),
};

pub const SCRIPT: Asset = Asset {
    path: "/static/app.js",
    content_type: "text/javascript; charset=utf-8",
    text: include_str!("../../static/app.js"),
};

pub const ICON: Asset = Asset {
    path: "/static/icon.svg",
    content_type: "image/svg+xml",
    text: include_str!("../../static/icon.svg"),
};

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in [STYLE, SCRIPT, ICON] {
        digest.update(asset.text);
    }
    digest.finalize()[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

impl Asset {
    pub fn url(&self) -> String {
        format!("{}?v={}", self.path, *VERSION)
    }
}

pub fn routes() -> Router<Arc<Gateway>> {
    [STYLE, SCRIPT, ICON].into_iter().fold(Router::new(), |router, asset| {
        let headers = [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        router.route(asset.path, get(move || async move { (headers, asset.text) }))
    })
}
