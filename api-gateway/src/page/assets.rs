//! Style, script and icon.

use web::assets::Asset;

pub const STYLE: Asset = Asset::style("/static/app.css", include_str!("../../static/app.css"));
pub const SCRIPT: Asset = Asset::script("/static/app.js", include_str!("../../static/app.js"));
pub const ICON: Asset = Asset::icon("/static/icon.svg", include_str!("../../static/icon.svg"));
pub const ALL: &[Asset] = &[STYLE, SCRIPT, ICON];
