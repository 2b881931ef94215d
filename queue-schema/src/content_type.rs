//! Tells a file's type by its first bytes.

use crate::names;

names! {
    /// The types this system reads.
    ContentType {
        Pdf = "application/pdf",
        Png = "image/png",
        Jpeg = "image/jpeg",
        WebP = "image/webp",
        Tiff = "image/tiff",
    }
}

/// How many bytes of a file [`detect`] looks at, at most.
pub const HEAD_BYTES: usize = 1024;

/// The type of the file that starts with `head` (its first [`HEAD_BYTES`] bytes, or all of a shorter file).
///
/// Image signatures must be at the very start. A PDF's header may be anywhere in the first 1024 bytes, as PDF readers
/// have always allowed (mail gateways and printers put lines before it). So PDF is checked last.
pub fn detect(head: &[u8]) -> Option<ContentType> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(ContentType::Png);
    }
    if head.starts_with(b"\xff\xd8\xff") {
        return Some(ContentType::Jpeg);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(ContentType::WebP);
    }
    let tiff_signatures: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    if tiff_signatures.iter().any(|signature| head.starts_with(signature)) {
        return Some(ContentType::Tiff);
    }
    head.windows(5)
        .any(|window| window == b"%PDF-")
        .then_some(ContentType::Pdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_types_by_content() {
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n...."), Some(ContentType::Png));
        assert_eq!(detect(b"\xff\xd8\xff\xe0"), Some(ContentType::Jpeg));
        assert_eq!(detect(b"RIFF\0\0\0\0WEBPVP8 "), Some(ContentType::WebP));
        assert_eq!(detect(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(detect(b"II*\0\x08\0\0\0"), Some(ContentType::Tiff));
        assert_eq!(detect(b"MM\0*\0\0\0\x08"), Some(ContentType::Tiff));
        assert_eq!(detect(b"GIF89a"), None);
        assert_eq!(detect(b""), None);
    }

    #[test]
    fn a_pdf_header_may_come_late_but_not_too_late() {
        let mut file = vec![b' '; 900];
        file.extend_from_slice(b"%PDF-1.4");
        assert_eq!(detect(&file), Some(ContentType::Pdf));
        let mut file = vec![b' '; 2000];
        file.extend_from_slice(b"%PDF-1.4");
        assert_eq!(detect(&file), None);
    }
}
