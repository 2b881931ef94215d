//! What all pages of the gateway share.

use super::assets::{ICON, STYLE};
use maud::Markup;
use web::page::Site;

pub static SITE: Site = Site {
    name: "gateway",
    icon: ICON,
    style: STYLE,
    places: &[("/", "Documents")],
    beside: Markup::default,
};
