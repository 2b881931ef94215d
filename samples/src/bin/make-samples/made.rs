//! A finished document and what is expected of it.

use queue_schema::document::PageSource;
use samples::{Expected, ExpectedField, ExpectedPage};

pub struct Made {
    pub bytes: Vec<u8>,
    pub expected: Expected,
}

impl Made {
    pub fn new(file: &str, title: &str, category: &str, language: &str, bytes: Vec<u8>) -> Made {
        let expected = Expected {
            file: file.to_owned(),
            title: title.to_owned(),
            category: category.to_owned(),
            language: language.to_owned(),
            pages: Vec::new(),
            fields: Vec::new(),
        };
        Made { bytes, expected }
    }

    /// A page that carries its text; `words` are separated by spaces.
    pub fn text_page(self, words: &str) -> Made {
        self.page(PageSource::TextLayer, words)
    }

    pub fn scanned_page(self, words: &str) -> Made {
        self.page(PageSource::Ocr, words)
    }

    fn page(mut self, source: PageSource, words: &str) -> Made {
        let words = words.split_whitespace().map(str::to_owned).collect();
        self.expected.pages.push(ExpectedPage { source, words });
        self
    }

    pub fn field(mut self, label: &str, value: impl Into<String>) -> Made {
        self.expected.fields.push(ExpectedField {
            label: label.to_owned(),
            value: value.into(),
        });
        self
    }
}
