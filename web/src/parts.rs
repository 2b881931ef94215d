//! HTML fragments for the pages of both servers.

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A state as a word with a symbol, so that it can be told without colour too.
pub fn pill(state: &str) -> Markup {
    let sign = match state {
        "running" | "processing" => "▶",
        "ready" | "queued" => "●",
        "scheduled" => "◷",
        "done" => "✓",
        "dead" | "failed" => "✕",
        "cancelled" => "⊘",
        "paused" => "‖",
        _ => "•",
    };
    html! { span class={ "pill " (state) } { span aria-hidden="true" { (sign) } " " (state) } }
}

/// An address with these parameters. Empty ones are left out.
pub fn address(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut address = path.to_owned();
    let given = parameters
        .iter()
        .filter_map(|(name, value)| Some((*name, value.filter(|text| !text.is_empty())?)));
    for (i, (name, value)) in given.enumerate() {
        let between = if i == 0 { '?' } else { '&' };
        let (name, value) = (
            utf8_percent_encode(name, RESERVED),
            utf8_percent_encode(value, RESERVED),
        );
        address.push_str(&format!("{between}{name}={value}"));
    }
    address
}

/// All characters except those that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_and_short() {
        let parameters = [
            ("queue", Some("ocr")),
            ("kind", None),
            ("search", Some("März & co")),
            ("x", Some("")),
            ("metadata.a&b", Some("1")),
        ];
        assert_eq!(
            address("/dead", &parameters),
            "/dead?queue=ocr&search=M%C3%A4rz%20%26%20co&metadata.a%26b=1"
        );
    }
}
