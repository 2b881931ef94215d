//! The formats of values, independent of their meaning.

pub mod amounts;
pub mod currency;
pub mod dates;
pub mod iban;
pub(crate) mod misread;
pub(crate) mod months;
pub(crate) mod text;
pub mod vat;
