//! Styles, script and icon.

use web::assets::{Asset, BASE, LIVE};

pub const STYLE: Asset = Asset::style("/static/app.css", include_str!("../../static/app.css"));
pub const ICON: Asset = Asset::icon("/static/icon.svg", include_str!("../../static/icon.svg"));
pub const ALL: &[Asset] = &[BASE, STYLE, LIVE, ICON];
