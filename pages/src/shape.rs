//! How large a page is.

/// A page's size as displayed, in 1/72 inch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageShape {
    pub width: f32,
    pub height: f32,
}
