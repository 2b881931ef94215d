//! Styles, scripts and icon.

use web::assets::{Asset, BASE, LIVE};

pub const STYLE: Asset = Asset::style("/static/app.css", include_str!("../../static/app.css"));
/// Sends files and tells of their progress.
pub const UPLOADS: Asset = Asset::script("/static/uploads.js", include_str!("../../static/uploads.js"));
/// Acts on a row of the list without leaving it.
pub const LIST: Asset = Asset::script("/static/list.js", include_str!("../../static/list.js"));
/// Shows where on a page a field stands.
pub const VIEWER: Asset = Asset::script("/static/viewer.js", include_str!("../../static/viewer.js"));
pub const ICON: Asset = Asset::icon("/static/icon.svg", include_str!("../../static/icon.svg"));
pub const ALL: &[Asset] = &[BASE, STYLE, LIVE, UPLOADS, LIST, VIEWER, ICON];
