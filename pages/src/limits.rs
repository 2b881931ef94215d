//! Limits on the size of a document.

use settings::{Entry, MAX_PAGE_PIXELS, MAX_PAGES, MAX_UPLOAD_BYTES, Settings};

/// Limits that are checked before anything uses memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file.
    pub max_bytes: u64,
    pub max_pages: usize,
    /// Pixels of one image, as its header states them; a larger one is refused.
    pub max_pixels: u64,
    /// Pixels of one rendered PDF page; a larger one is rendered at a lower resolution.
    pub max_render_pixels: u64,
    /// Decompressed bytes of one PDF page's content stream.
    pub max_content_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 512 << 20,
            max_pages: 2_000,
            max_pixels: 100_000_000,
            // An A4 page at 600 dpi has 35 million; RGBA needs four bytes for each.
            max_render_pixels: 40_000_000,
            max_content_bytes: 128 << 20,
        }
    }
}

impl Limits {
    /// The limits that an operator has set, and the defaults for the rest.
    pub fn in_force(settings: &Settings) -> Limits {
        Limits {
            max_bytes: settings.get(MAX_UPLOAD_BYTES),
            max_pages: usize::try_from(settings.get(MAX_PAGES)).unwrap_or(usize::MAX),
            max_pixels: settings.get(MAX_PAGE_PIXELS),
            ..Limits::default()
        }
    }

    /// The settings that [`Limits::in_force`] reads.
    pub const SETTINGS: &[&dyn Entry] = &[&MAX_UPLOAD_BYTES, &MAX_PAGES, &MAX_PAGE_PIXELS];
}
