//! Decides which value a document means, from all the evidence.

pub(crate) mod derived_totals;
pub(crate) mod document_dates;
pub(crate) mod identifiers;
pub(crate) mod money;
pub(crate) mod number;
pub(crate) mod sums;
pub(crate) mod supplier;
pub(crate) mod tax_table;
