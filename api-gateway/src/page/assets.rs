//! Styles, scripts and icon.

use web::assets::{Asset, BASE, LIVE};

pub const STYLE: Asset = Asset::style("/static/app.css", include_str!("../../static/app.css"));
/// Uploads files and shows their progress.
pub const UPLOADS: Asset = Asset::script("/static/uploads.js", include_str!("../../static/uploads.js"));
/// Runs actions on a row of the list without leaving the list.
pub const LIST: Asset = Asset::script("/static/list.js", include_str!("../../static/list.js"));
/// Highlights the place of a field on the page.
pub const VIEWER: Asset = Asset::script("/static/viewer.js", include_str!("../../static/viewer.js"));
pub const ICON: Asset = Asset::icon("/static/icon.svg", include_str!("../../static/icon.svg"));
pub const ALL: &[Asset] = &[BASE, STYLE, LIVE, UPLOADS, LIST, VIEWER, ICON];
