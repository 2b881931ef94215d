//! The text a PDF page carries: glyphs → words → lines in reading order.

mod layer;
mod order;
mod survey;
mod words;

pub use layer::TextLayer;
pub(crate) use survey::{PageSurvey, survey};
