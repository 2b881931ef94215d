//! Several documents side by side, as tensors.

use models::text_net::PADDING;
use tch::Tensor;

/// A document as token numbers, and its label's position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Example {
    pub tokens: Vec<i64>,
    pub label: i64,
}

#[derive(Debug)]
pub(crate) struct Batch {
    /// `[documents, longest]`, padded.
    pub tokens: Tensor,
    /// `[documents, 1, longest]`: true where there is padding.
    pub padding: Tensor,
}

impl Batch {
    pub fn of(documents: &[&[i64]]) -> Batch {
        let rows = documents.len() as i64;
        let longest = documents.iter().map(|d| d.len()).max().unwrap_or(0).max(1);
        let mut tokens = vec![PADDING; documents.len() * longest];
        for (row, document) in tokens.chunks_mut(longest).zip(documents) {
            row[..document.len()].copy_from_slice(document);
        }
        let tokens = Tensor::from_slice(&tokens).reshape([rows, longest as i64]);
        Batch {
            padding: tokens.eq(PADDING).unsqueeze(1),
            tokens,
        }
    }
}
