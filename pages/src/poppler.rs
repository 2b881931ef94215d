//! PDFs that hayro cannot open but Poppler's commands can. Their pages are rendered; their text is not read.

use crate::error::{corrupt, page_too_large, too_many_pages};
use crate::limits::Limits;
use crate::pixels::Pixels;
use crate::shape::PageShape;
use image::{ImageFormat, ImageReader};
use queue_schema::document::DocumentError;
use std::ffi::OsStr;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Poppler's commands.
pub const PROGRAMS: [&str; 2] = [INFO, TO_PIXELS];
const INFO: &str = "pdfinfo";
const TO_PIXELS: &str = "pdftoppm";

/// Time limit of a command, as this is only a last resort for damaged files.
const DEADLINE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(5);

#[derive(Debug)]
pub(crate) struct PopplerFile {
    path: PathBuf,
    shapes: Vec<PageShape>,
}

impl PopplerFile {
    /// `None` if Poppler is not installed or cannot open the file either.
    pub(crate) fn open(path: &Path, limits: &Limits) -> Option<Result<PopplerFile, DocumentError>> {
        let last = (limits.max_pages + 1).to_string();
        let info = run(
            INFO,
            [
                OsStr::new("-f"),
                "1".as_ref(),
                "-l".as_ref(),
                last.as_ref(),
                path.as_os_str(),
            ],
            1 << 22,
        )?;
        let info = String::from_utf8_lossy(&info);
        let count: usize = info
            .lines()
            .find_map(|line| line.strip_prefix("Pages:"))?
            .trim()
            .parse()
            .ok()?;
        if count > limits.max_pages {
            return Some(Err(too_many_pages(count, limits.max_pages)));
        }
        let shapes = page_shapes(&info);
        if shapes.len() != count {
            return None;
        }
        Some(Ok(PopplerFile {
            path: path.to_owned(),
            shapes,
        }))
    }

    pub(crate) fn page_count(&self) -> usize {
        self.shapes.len()
    }

    pub(crate) fn shape(&self, n: usize) -> Result<PageShape, DocumentError> {
        self.shapes
            .get(n)
            .copied()
            .ok_or_else(|| corrupt("The PDF lacks the page"))
    }

    pub(crate) fn render(&self, n: usize, dpi: f32, limits: &Limits) -> Result<Pixels, DocumentError> {
        let shape = self.shape(n)?;
        let by_area = (limits.max_render_pixels as f32 / (shape.width * shape.height)).sqrt() * 72.0;
        let dpi = dpi.min(by_area);
        if dpi < 1.0 {
            return Err(page_too_large("The page is larger than any paper"));
        }
        let (dpi, page) = (dpi.to_string(), (n + 1).to_string());
        let arguments: [&OsStr; 9] = [
            "-q".as_ref(),
            "-png".as_ref(),
            "-cropbox".as_ref(),
            "-r".as_ref(),
            dpi.as_ref(),
            "-f".as_ref(),
            page.as_ref(),
            "-singlefile".as_ref(),
            self.path.as_os_str(),
        ];
        let png = run(TO_PIXELS, arguments, limits.max_render_pixels * 4)
            .filter(|png| !png.is_empty())
            .ok_or_else(|| corrupt("The page could not be rendered"))?;
        let decoded = ImageReader::with_format(Cursor::new(png), ImageFormat::Png).decode();
        decoded
            .map(Pixels::on_white)
            .map_err(|_| corrupt("The page could not be rendered"))
    }
}

/// Reads `Page    3 size: 595.28 x 841.89 pts (A4)` and `Page    3 rot:  90` of `pdfinfo -f 1 -l N`.
fn page_shapes(info: &str) -> Vec<PageShape> {
    let mut shapes: Vec<PageShape> = Vec::new();
    for line in info.lines().filter(|line| line.starts_with("Page ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, _, "size:", width, "x", height, ..] => {
                if let (Ok(width), Ok(height)) = (width.parse(), height.parse()) {
                    shapes.push(PageShape { width, height });
                }
            }
            [_, _, "rot:", "90" | "270"] => {
                if let Some(shape) = shapes.last_mut() {
                    *shape = PageShape {
                        width: shape.height,
                        height: shape.width,
                    };
                }
            }
            _ => {}
        }
    }
    shapes
}

/// Standard output of a command that succeeds within the deadline and prints at most `max_bytes`.
fn run<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>, max_bytes: u64) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // Reads in a separate thread, so that a full pipe and a hung command cannot block each other.
    let stdout = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut output = Vec::new();
        stdout.take(max_bytes).read_to_end(&mut output).map(|_| output)
    });
    let succeeded = wait(&mut child, Instant::now() + DEADLINE);
    let output = reader.join().ok()?.ok()?;
    succeeded.then_some(output)
}

fn wait(child: &mut Child, deadline: Instant) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            _ => {
                // It may have ended by itself in the meantime, so errors are ignored.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pdfinfos_page_sizes() {
        let info = "Pages:           2\nPage    1 size: 595.28 x 841.89 pts (A4)\nPage    1 rot:  0\n\
                    Page    2 size: 612 x 792 pts (letter)\nPage    2 rot:  90\nFile size:      11325 bytes\n";
        let expected = [
            PageShape {
                width: 595.28,
                height: 841.89,
            },
            PageShape {
                width: 792.0,
                height: 612.0,
            },
        ];
        assert_eq!(page_shapes(info), expected);
    }

    #[test]
    fn a_missing_command_is_no_answer() {
        assert!(run("no-such-command-here", [], 10).is_none());
    }
}
