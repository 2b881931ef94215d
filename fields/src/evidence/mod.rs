//! What a page shows: its rows, the labels on them, and which party's block a text belongs to.

pub(crate) mod anchors;
pub(crate) mod layout;
pub(crate) mod lines;
pub(crate) mod names;
pub(crate) mod parties;
pub(crate) mod rate_row;
pub(crate) mod vocabulary;
