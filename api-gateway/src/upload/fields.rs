//! The text fields of an upload, and the check of each.

use crate::api::bool_of;
use queue_schema::document::{NAME, is_name};
use serde::Serialize;
use serde_json::{Map, Value};
use web::problem::{Problem, Result};

/// The fields of an upload besides its file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fields {
    pub project: String,
    pub category: Option<String>,
    pub urgent: bool,
    pub languages: Option<String>,
    pub metadata: Map<String, Value>,
    pub force_ocr: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            project: "default".into(),
            category: None,
            urgent: false,
            languages: None,
            metadata: Map::new(),
            force_ocr: false,
        }
    }
}

/// A text field: its name, its longest value in bytes, and a description of valid values.
#[derive(Debug)]
pub struct Spec {
    pub name: &'static str,
    pub longest: usize,
    takes: &'static str,
    set: fn(&mut Fields, &str) -> Result<(), Wrong>,
}

/// Why a value is invalid, if there is more to say than which values are valid.
type Wrong = Option<String>;

fn only_if(fits: bool) -> Result<(), Wrong> {
    if fits { Ok(()) } else { Err(None) }
}

pub const ALL: &[Spec] = &[
    Spec {
        name: "project",
        longest: 64,
        takes: NAME,
        set: |fields, text| {
            fields.project = text.to_owned();
            only_if(is_name(text))
        },
    },
    Spec {
        name: "category",
        longest: 64,
        takes: NAME,
        set: |fields, text| {
            fields.category = Some(text.to_owned());
            only_if(is_name(text))
        },
    },
    Spec {
        name: "priority",
        longest: 16,
        takes: "normal or high",
        set: |fields, text| {
            fields.urgent = text == "high";
            only_if(matches!(text, "normal" | "high"))
        },
    },
    Spec {
        name: "language",
        longest: 128,
        takes: "Tesseract's names of languages joined by +, such as eng+deu, at most 8",
        set: |fields, text| {
            fields.languages = Some(text.to_owned());
            only_if(are_languages(text))
        },
    },
    Spec {
        name: "callback_url",
        longest: 2048,
        takes: "nothing: no address is called yet. Follow the document's events instead",
        set: |_, _| Err(None),
    },
    Spec {
        name: "metadata",
        longest: 64 * 1024,
        takes: "a JSON object of at most 64 KiB",
        set: |fields, text| {
            fields.metadata = metadata(text)?;
            Ok(())
        },
    },
    Spec {
        name: "force_ocr",
        longest: 8,
        takes: "true or false",
        set: |fields, text| {
            fields.force_ocr = bool_of(text).ok_or(None)?;
            Ok(())
        },
    },
];

impl Spec {
    /// # Errors
    /// When there is no such field.
    pub fn named(name: &str) -> Result<&'static Spec> {
        ALL.iter().find(|spec| spec.name == name).ok_or_else(|| {
            let known: Vec<_> = ALL.iter().map(|spec| spec.name).collect();
            let shown: String = name.chars().take(64).collect();
            Problem::bad_request(
                "unknown_field",
                format!("there is no field {shown:?}; known are file, {}", known.join(", ")),
            )
            .about(&shown)
        })
    }

    pub fn refusal(&self) -> Problem {
        Problem::field(self.name, self.takes)
    }

    /// Reads a value. An empty one counts as absent, because browsers send fields that were left empty.
    pub fn read(&self, fields: &mut Fields, value: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(value).map_err(|_| self.refusal())?.trim();
        if text.is_empty() {
            return Ok(());
        }
        (self.set)(fields, text).map_err(|wrong| match wrong {
            Some(wrong) => Problem::field(self.name, &format!("{}; {wrong}", self.takes)),
            None => self.refusal(),
        })
    }
}

fn are_languages(text: &str) -> bool {
    let is_one =
        |name: &str| (2..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    text.split('+').count() <= 8 && text.split('+').all(is_one)
}

fn metadata(text: &str) -> Result<Map<String, Value>, Wrong> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => match unstorable(&map) {
            Some(wrong) => Err(Some(wrong.to_owned())),
            None => Ok(map),
        },
        Ok(_) => Err(None),
        Err(error) => Err(Some(format!("this cannot be read: {error}"))),
    }
}

/// Why Postgres cannot store the metadata.
pub fn unstorable(metadata: &Map<String, Value>) -> Option<&'static str> {
    let has_nul = metadata.iter().any(|(key, value)| has_nul(key) || holds_nul(value));
    has_nul.then_some("a text in it has a NUL character, which cannot be stored")
}

/// Postgres cannot store NUL characters.
pub fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => has_nul(text),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(map) => map.iter().any(|(key, value)| has_nul(key) || holds_nul(value)),
        _ => false,
    }
}

/// The last part of the uploaded file's name: without folders and invisible characters, at most 255 characters.
pub fn file_name(given: Option<&str>) -> String {
    let name = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = name.chars().filter(|c| !is_invisible(*c)).take(255).collect();
    match clean.trim() {
        "" | "." | ".." => "document".into(),
        name => name.into(),
    }
}

/// Control characters, and characters that reverse the direction of the text after them ("exe.fdp" for "pdf.exe").
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Fields> {
        let mut fields = Fields::default();
        Spec::named(name)?.read(&mut fields, value.as_bytes())?;
        Ok(fields)
    }

    #[test]
    fn good_values_are_taken() {
        assert_eq!(read("project", "acme-2").unwrap().project, "acme-2");
        assert_eq!(
            read("category", "invoice").unwrap().category.as_deref(),
            Some("invoice")
        );
        assert!(read("priority", "high").unwrap().urgent);
        assert_eq!(
            read("language", "eng+chi_sim").unwrap().languages.as_deref(),
            Some("eng+chi_sim")
        );
        assert_eq!(read("metadata", r#"{"a":[1,"b"]}"#).unwrap().metadata["a"][1], "b");
        assert!(read("force_ocr", "true").unwrap().force_ocr);
        assert!(read("force_ocr", "True").unwrap().force_ocr);
        assert!(!read("force_ocr", "FALSE").unwrap().force_ocr);
        assert_eq!(
            read("project", "").unwrap(),
            Fields::default(),
            "left empty in a browser's form"
        );
    }

    #[test]
    fn wrong_values_are_refused() {
        let wrong = [
            ("project", "../etc"),
            ("project", "a b"),
            ("category", "-x"),
            ("priority", "urgent"),
            ("language", "eng,deu"),
            ("language", "../../x"),
            ("language", "a+b+c"),
            ("callback_url", "https://example.com/done"),
            ("metadata", "[1]"),
            ("metadata", r#"{"a":"\u0000"}"#),
            ("metadata", r#"{"\u0000":1}"#),
            ("force_ocr", "perhaps"),
        ];
        for (name, value) in wrong {
            let problem = read(name, value).expect_err(value);
            assert!(
                problem.detail().starts_with(&format!("{name}: takes ")),
                "{}",
                problem.detail()
            );
        }
        assert!(
            read("colour", "red")
                .unwrap_err()
                .detail()
                .contains("no field \"colour\"")
        );
    }

    #[test]
    fn it_is_said_what_is_wrong_with_metadata() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for (given, said) in [
            (deep.as_str(), "recursion limit"),
            (r#"{"a":1e400}"#, "number out of range"),
            (r#"{"a":"\u0000"}"#, "NUL"),
            ("{a:1}", "key must be a string"),
        ] {
            let problem = read("metadata", given).unwrap_err();
            assert!(problem.detail().contains(said), "{}", problem.detail());
        }
    }

    #[test]
    fn file_names_are_only_names() {
        assert_eq!(file_name(Some("C:\\docs\\invoice 3.pdf")), "invoice 3.pdf");
        assert_eq!(file_name(Some("../../etc/passwd")), "passwd");
        assert_eq!(file_name(Some("a\r\nSet-Cookie: x\0.pdf")), "aSet-Cookie: x.pdf");
        assert_eq!(file_name(Some("\u{202e}fdp.exe")), "fdp.exe");
        assert_eq!(file_name(Some("..")), "document");
        assert_eq!(file_name(None), "document");
    }
}
