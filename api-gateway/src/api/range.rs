//! `Range: bytes=…`: supports a single range. A request for several gets the whole file, as RFC 9110 allows.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Whole,
    Part(Range<u64>),
    /// Outside of the file.
    Nowhere,
}

/// The part of a file of `size` bytes that a Range header requests.
pub fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header
        .and_then(|header| header.strip_prefix("bytes="))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let (first, last) = (number(first), number(last));
    let range = match (first, last) {
        (Ok(Some(first)), Ok(Some(last))) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(Some(first)), Ok(None)) => first..size,
        (Ok(None), Ok(Some(suffix))) => size.saturating_sub(suffix)..size,
        _ => return Asked::Whole,
    };
    if range.is_empty() {
        Asked::Nowhere
    } else {
        Asked::Part(range)
    }
}

fn number(text: &str) -> Result<Option<u64>, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_a_part() {
        assert_eq!(asked(Some("bytes=0-9"), 100), Asked::Part(0..10));
        assert_eq!(asked(Some("bytes=90-"), 100), Asked::Part(90..100));
        assert_eq!(asked(Some("bytes=-5"), 100), Asked::Part(95..100));
        assert_eq!(asked(Some("bytes=-500"), 100), Asked::Part(0..100));
        assert_eq!(asked(Some("bytes=50-18446744073709551615"), 100), Asked::Part(50..100));
    }

    #[test]
    fn what_lies_beyond_is_nowhere() {
        assert_eq!(asked(Some("bytes=100-"), 100), Asked::Nowhere);
        assert_eq!(asked(Some("bytes=-0"), 100), Asked::Nowhere);
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Nowhere);
    }

    #[test]
    fn anything_else_is_the_whole() {
        for header in [
            None,
            Some("pages=1-2"),
            Some("bytes=9-0"),
            Some("bytes=a-b"),
            Some("bytes=0-1,5-6"),
            Some("bytes=-"),
        ] {
            assert_eq!(asked(header, 100), Asked::Whole, "{header:?}");
        }
    }
}
