//! The page around the list.

use super::assets::{ICON, SCRIPT, STYLE};
use crate::api::Listing;
use crate::app::Gateway;
use maud::{DOCTYPE, Markup, html};
use queue_schema::content_type::ContentType;
use queue_schema::document::DocumentStatus;

pub fn page(gateway: &Gateway, listing: &Listing, list: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Documents · docfleet" }
                link rel="icon" href=(ICON.url()) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE.url());
                script defer src=(SCRIPT.url()) {}
            }
            body {
                header.top {
                    a.brand href="/" { img src=(ICON.url()) alt="" width="24" height="24"; "docfleet" }
                    nav { a href="/docs" { "API" } }
                }
                main {
                    h1.hidden { "Documents" }
                    (upload(gateway))
                    (filters(listing))
                    p #offline hidden role="alert" { "The gateway does not answer; trying again." }
                    section #list aria-label="Documents" { (list) }
                }
            }
        }
    }
}

fn upload(gateway: &Gateway) -> Markup {
    if gateway.config.maintenance {
        return html! { p.notice role="status" { "Maintenance: no documents are accepted for now. What is here already goes on." } };
    }
    let types = ContentType::ALL.map(ContentType::mime).join(",");
    let most = size(i64::try_from(gateway.config.max_upload_bytes).unwrap_or(i64::MAX));
    html! {
        form #upload .drop action="/api/v1/documents" method="post" enctype="multipart/form-data"
            data-max=(gateway.config.max_upload_bytes) {
            p.drop-text {
                strong { "Drop documents here" }
                span.quiet { " PDF, PNG, JPEG, WebP or TIFF, up to " (most) " each" }
            }
            div.drop-controls {
                label.button.primary for="files" { "Choose files" }
                input #files .hidden type="file" name="file" accept=(types) multiple;
                label { input #urgent type="checkbox"; " Urgent" }
                noscript { button type="submit" { "Upload" } }
            }
        }
        ul #uploads aria-live="polite" aria-label="Uploads" {}
    }
}

fn filters(listing: &Listing) -> Markup {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let status = text(&listing.status);
    html! {
        form #filters .filters method="get" action="/" role="search" {
            input type="search" name="q" value=(text(&listing.q)) placeholder="Search text and names" aria-label="Search text and names";
            select name="status" aria-label="Status" {
                option value="" { "Any status" }
                @for known in DocumentStatus::ALL {
                    option value=(known) selected[known.as_str() == status] { (known) }
                }
            }
            input type="text" name="category" value=(text(&listing.category)) placeholder="Category" aria-label="Category";
            @if let Some(project) = &listing.project { input type="hidden" name="project" value=(project); }
            button type="submit" { "Search" }
        }
    }
}

/// Bytes as people read them.
pub fn size(bytes: i64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" {
                format!("{bytes} B")
            } else {
                format!("{value:.1} {unit}").replace(".0 ", " ")
            };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB").replace(".0 ", " ")
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(536_870_912), "512 MiB");
        assert_eq!(size(5 << 30), "5 GiB");
    }
}
