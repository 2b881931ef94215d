//! A Tesseract engine that stays loaded.
//!
//! `tesseract-rs` offers no recognition with a time limit: its `recognize` passes no monitor. So this one call goes through
//! Tesseract's C interface, with the handle that the crate makes public.
#![allow(unsafe_code)]

use image::GrayImage;
use std::ffi::{c_int, c_void};
use std::fmt;
use std::time::Instant;
use tesseract_rs::{TessPageIteratorLevel, TessPageSegMode, TesseractAPI, TesseractError};

// capi.h of Tesseract 5. tesseract-rs links the library.
unsafe extern "C" {
    fn TessMonitorCreate() -> *mut c_void;
    fn TessMonitorDelete(monitor: *mut c_void);
    fn TessMonitorSetDeadlineMSecs(monitor: *mut c_void, milliseconds: c_int);
    fn TessBaseAPIRecognize(api: *mut c_void, monitor: *mut c_void) -> c_int;
    fn TessPageIteratorIsAtBeginningOf(iterator: *mut c_void, level: c_int) -> c_int;
}

/// How Tesseract divides the image into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// By layout analysis, which finds columns, tables and pictures.
    Page,
    /// As one block of lines, such as a till receipt.
    Block,
}

impl Layout {
    /// Height in pixels of a letter's body with the best accuracy for the time. Measured on real forms (word F1 0.845 at 20, no
    /// better at 24 and 15 % slower) and receipts (0.854 at 16, 0.862 at 19, 0.860 at 22).
    pub(crate) fn letter_height(self) -> f32 {
        match self {
            Layout::Page => 20.0,
            Layout::Block => 19.0,
        }
    }
}

/// A recognised word. Its box is in pixels of the given image.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelWord {
    pub text: String,
    /// `[left, top, right, bottom]`.
    pub pixels: [i32; 4],
    /// 0 to 1.
    pub confidence: f32,
    /// Index of the line, from 0; words of one line are adjacent.
    pub line: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recognised {
    /// In reading order.
    pub words: Vec<PixelWord>,
    /// Mean of the words' confidences weighted by length, 0 to 1. 1 if there is no word.
    pub confidence: f32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecogniseError {
    /// A language's data file is missing.
    MissingLanguage { language: String },
    /// The deadline passed.
    TimedOut,
    /// Tesseract failed otherwise.
    Failed(String),
}

impl fmt::Display for RecogniseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecogniseError::MissingLanguage { language } => write!(
                f,
                "Tesseract has no data for the language \"{language}\". Install it with: apt-get install {}",
                apt_package(language)
            ),
            RecogniseError::TimedOut => f.write_str(
                "The text was not recognised within the time limit. Raise the limit or lower the resolution.",
            ),
            RecogniseError::Failed(why) => write!(f, "Tesseract failed: {why}."),
        }
    }
}

impl std::error::Error for RecogniseError {}

impl From<TesseractError> for RecogniseError {
    fn from(error: TesseractError) -> Self {
        RecogniseError::Failed(error.to_string())
    }
}

/// A Tesseract engine that keeps its language data loaded between pages.
pub struct Recogniser {
    api: TesseractAPI,
    languages: String,
}

impl fmt::Debug for Recogniser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recogniser")
            .field("languages", &self.languages)
            .finish_non_exhaustive()
    }
}

impl Recogniser {
    /// Loads the data of `languages`, such as `eng` or `eng+deu` (0.1 to 0.2 s per language), from `TESSDATA_PREFIX` or from
    /// the distribution's folder.
    pub fn new(languages: &str) -> Result<Recogniser, RecogniseError> {
        if let Some(language) = languages.split('+').find(|language| !is_language_name(language)) {
            return Err(RecogniseError::MissingLanguage {
                language: language.to_owned(),
            });
        }
        let api = TesseractAPI::new();
        if api.init("", languages).is_err() {
            return Err(why_not_loaded(languages));
        }
        // Tesseract is satisfied with one language that loads, and silently drops the others.
        let loaded = api.get_loaded_languages()?;
        if let Some(language) = languages
            .split('+')
            .find(|language| !loaded.iter().any(|name| name == language))
        {
            return Err(RecogniseError::MissingLanguage {
                language: language.to_owned(),
            });
        }
        // Otherwise Tesseract writes warnings about the image to standard error, once a page.
        api.set_variable("debug_file", "/dev/null")?;
        // Otherwise Tesseract takes columns of ordinary text for tables, and loses words between their cells.
        api.set_variable("textord_tabfind_find_tables", "0")?;
        Ok(Recogniser {
            api,
            languages: languages.to_owned(),
        })
    }

    pub fn languages(&self) -> &str {
        &self.languages
    }

    /// Recognises the words of a grey image of upright text at `dpi`.
    pub fn recognise(
        &mut self,
        image: &GrayImage,
        dpi: u32,
        layout: Layout,
        deadline: Option<Instant>,
    ) -> Result<Recognised, RecogniseError> {
        let (Ok(width), Ok(height)) = (i32::try_from(image.width()), i32::try_from(image.height())) else {
            return Err(RecogniseError::Failed("the image is too large".to_owned()));
        };
        // Tesseract aborts on smaller images.
        if width < 3 || height < 3 {
            return Ok(Recognised {
                words: Vec::new(),
                confidence: 1.0,
            });
        }
        self.api.set_page_seg_mode(match layout {
            Layout::Page => TessPageSegMode::PSM_AUTO,
            Layout::Block => TessPageSegMode::PSM_SINGLE_BLOCK,
        })?;
        self.api.set_image(image.as_raw(), width, height, 1, width)?;
        self.api.set_source_resolution(i32::try_from(dpi).unwrap_or(i32::MAX))?;
        let outcome = self.run(deadline).and_then(|()| self.words());
        // What the engine learnt from this page, and its copy of the image, must not affect the next page.
        self.api.clear_adaptive_classifier()?;
        self.api.clear()?;
        outcome.map(|words| Recognised {
            confidence: mean_confidence(&words),
            words,
        })
    }

    fn run(&self, deadline: Option<Instant>) -> Result<(), RecogniseError> {
        let monitor = Monitor::new();
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now()).as_millis();
            if left == 0 {
                return Err(RecogniseError::TimedOut);
            }
            monitor.set_deadline(c_int::try_from(left).unwrap_or(c_int::MAX));
        }
        let handle = self.api.handle.lock().map_err(|_| TesseractError::MutexLockError)?;
        // SAFETY: the handle is that of a live, initialised engine with an image set. Its lock is held, so nothing else uses
        // it. The monitor outlives the call.
        let status = unsafe { TessBaseAPIRecognize(*handle, monitor.0) };
        match status {
            0 => Ok(()),
            _ if deadline.is_some_and(|deadline| Instant::now() >= deadline) => Err(RecogniseError::TimedOut),
            _ => Err(RecogniseError::Failed("it gave no reason".to_owned())),
        }
    }

    /// The words of the page just recognised. The iterator points into the engine's page, and is dropped on return, before the
    /// next page can replace that one.
    fn words(&self) -> Result<Vec<PixelWord>, RecogniseError> {
        let Ok(iterator) = self.api.get_iterator() else {
            // No iterator: the page is empty.
            return Ok(Vec::new());
        };
        let mut words = Vec::new();
        let (mut lines, mut line_has_words) = (0, false);
        loop {
            if line_has_words && begins_line(&iterator)? {
                (lines, line_has_words) = (lines + 1, false);
            }
            // A block without text has no word.
            if let Ok((text, left, top, right, bottom, confidence)) = iterator.get_current_word()
                && !text.trim().is_empty()
            {
                let confidence = (confidence / 100.0).clamp(0.0, 1.0);
                let text = text.trim().to_owned();
                words.push(PixelWord {
                    text,
                    pixels: [left, top, right, bottom],
                    confidence,
                    line: lines,
                });
                line_has_words = true;
            }
            if !iterator.next_word()? {
                return Ok(words);
            }
        }
    }
}

fn begins_line(iterator: &tesseract_rs::ResultIterator) -> Result<bool, RecogniseError> {
    let handle = iterator.handle.lock().map_err(|_| TesseractError::MutexLockError)?;
    let level = TessPageIteratorLevel::RIL_TEXTLINE as c_int;
    // SAFETY: the handle is that of a live result iterator, which is a page iterator too, and its lock is held.
    Ok(unsafe { TessPageIteratorIsAtBeginningOf(*handle, level) } != 0)
}

/// Tesseract's monitor: records progress and the deadline.
struct Monitor(*mut c_void);

impl Monitor {
    fn new() -> Monitor {
        // SAFETY: allocates and returns a monitor that we own.
        Monitor(unsafe { TessMonitorCreate() })
    }

    fn set_deadline(&self, milliseconds: c_int) {
        // SAFETY: the monitor is live until drop.
        unsafe { TessMonitorSetDeadlineMSecs(self.0, milliseconds) }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        // SAFETY: created by `new`, deleted once, and no recognition that uses it is running any more.
        unsafe { TessMonitorDelete(self.0) }
    }
}

/// Letters, digits and underscores, or a script such as `script/Latin`. Excludes paths that lead out of the data folder.
fn is_language_name(name: &str) -> bool {
    let plain = name.strip_prefix("script/").unwrap_or(name);
    !plain.is_empty() && plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Finds the missing language by loading each on its own.
fn why_not_loaded(languages: &str) -> RecogniseError {
    let missing = languages
        .split('+')
        .find(|language| TesseractAPI::new().init("", language).is_err());
    match missing {
        Some(language) => RecogniseError::MissingLanguage {
            language: language.to_owned(),
        },
        None => RecogniseError::Failed(format!("the languages {languages} do not load together")),
    }
}

/// Name of the Debian and Ubuntu package with a language's data.
fn apt_package(language: &str) -> String {
    match language.strip_prefix("script/") {
        Some(script) => format!(
            "tesseract-ocr-script-{}",
            script.to_lowercase().chars().take(4).collect::<String>()
        ),
        None => format!("tesseract-ocr-{}", language.to_lowercase().replace('_', "-")),
    }
}

fn mean_confidence(words: &[PixelWord]) -> f32 {
    let length = |word: &PixelWord| word.text.chars().count() as f32;
    let total: f32 = words.iter().map(length).sum();
    if total == 0.0 {
        return 1.0;
    }
    words.iter().map(|word| word.confidence * length(word)).sum::<f32>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_missing_language_is_named_with_its_package() {
        let error = Recogniser::new("eng+xyz_abc").expect_err("no such language");
        assert_eq!(
            error,
            RecogniseError::MissingLanguage {
                language: "xyz_abc".to_owned()
            }
        );
        assert!(
            error.to_string().contains("apt-get install tesseract-ocr-xyz-abc"),
            "{error}"
        );
        let error = Recogniser::new("eng+../etc").expect_err("no language name");
        assert_eq!(
            error,
            RecogniseError::MissingLanguage {
                language: "../etc".to_owned()
            }
        );
    }

    #[test]
    fn a_blank_image_has_no_words() {
        let mut recogniser = Recogniser::new("eng").expect("tesseract-ocr-eng is installed");
        for side in [1, 2, 3, 40, 400] {
            let blank = GrayImage::from_pixel(side, side, image::Luma([255]));
            let recognised = recogniser.recognise(&blank, 300, Layout::Page, None).expect("no error");
            assert!(recognised.words.is_empty());
            assert_eq!(recognised.confidence, 1.0);
        }
    }

    #[test]
    fn a_passed_deadline_is_an_error() {
        let mut recogniser = Recogniser::new("eng").expect("tesseract-ocr-eng is installed");
        let blank = GrayImage::from_pixel(100, 100, image::Luma([255]));
        let passed = Instant::now() - Duration::from_millis(1);
        let outcome = recogniser.recognise(&blank, 300, Layout::Page, Some(passed));
        assert_eq!(outcome, Err(RecogniseError::TimedOut));
    }
}
