//! Runs a starter extractor over read pages and writes what it finds, for measuring.
//!
//! usage: cargo run -p fields --example fields -- CATEGORY PAGES OUT
//!
//! PAGES holds one STEM.json per document, an array of pages (`queue_schema::document::Page`); OUT gets STEM.json with
//! `{"fields": […]}`.

use fields::starter;
use queue_schema::document::Page;
use std::path::Path;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [category, pages, out] = args.as_slice() else {
        return Err("usage: fields CATEGORY PAGES OUT".into());
    };
    fs::create_dir_all(out)?;
    let extractor = starter(category);
    for entry in fs::read_dir(pages)? {
        let path = entry?.path();
        let Some(name) = path
            .file_name()
            .filter(|_| path.extension().is_some_and(|e| e == "json"))
        else {
            continue;
        };
        let document: Vec<Page> =
            serde_json::from_slice(&fs::read(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        let result = serde_json::json!({ "fields": extractor.extract(&document) });
        fs::write(Path::new(out).join(name), serde_json::to_vec_pretty(&result)?)?;
    }
    Ok(())
}
