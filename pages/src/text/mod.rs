//! The text layer of a PDF page: glyphs → words → lines in reading order.

mod layer;
mod order;
mod survey;
mod words;

pub use layer::TextLayer;
pub(crate) use survey::{PageSurvey, survey};
