//! Writes a PDF object by object, so that a document of hundreds of scanned pages is never in memory as a whole.

use pdf_writer::{Chunk, Ref};
use std::io::{self, Write};

pub struct PdfFile<W> {
    target: W,
    written: usize,
    /// Byte offset of each object, by number. 0 if it was not written.
    offsets: Vec<usize>,
    last: Ref,
}

impl<W: Write> PdfFile<W> {
    pub fn start(target: W) -> io::Result<PdfFile<W>> {
        let mut file = PdfFile {
            target,
            written: 0,
            offsets: vec![0],
            last: Ref::new(1),
        };
        // The second line's four high bytes tell transfer programs that the file is not text.
        file.raw(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(file)
    }

    /// A number for an object to be written later.
    pub fn reserve(&mut self) -> Ref {
        self.offsets.push(0);
        self.last.bump()
    }

    /// Writes the object `id`, which `build` adds to an empty chunk.
    pub fn object(&mut self, id: Ref, build: impl FnOnce(&mut Chunk)) -> io::Result<()> {
        let mut chunk = Chunk::new();
        build(&mut chunk);
        debug_assert!(chunk.refs().eq([id]), "the cross-references know of one object a chunk");
        if let Some(offset) = self.offsets.get_mut(id.get() as usize) {
            *offset = self.written;
        }
        self.raw(chunk.as_bytes())
    }

    /// Writes the cross-reference table and the trailer.
    pub fn finish(mut self, catalog: Ref, info: Ref) -> io::Result<()> {
        let start = self.written;
        let count = self.offsets.len();
        self.raw(format!("xref\n0 {count}\n0000000000 65535 f\r\n").as_bytes())?;
        for offset in std::mem::take(&mut self.offsets).into_iter().skip(1) {
            let entry = if offset == 0 {
                "0000000000 65535 f\r\n".to_owned()
            } else {
                format!("{offset:010} 00000 n\r\n")
            };
            self.raw(entry.as_bytes())?;
        }
        let (catalog, info) = (catalog.get(), info.get());
        let trailer =
            format!("trailer\n<</Size {count} /Root {catalog} 0 R /Info {info} 0 R>>\nstartxref\n{start}\n%%EOF\n");
        self.raw(trailer.as_bytes())?;
        self.target.flush()
    }

    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.target.write_all(bytes)?;
        self.written += bytes.len();
        Ok(())
    }
}
