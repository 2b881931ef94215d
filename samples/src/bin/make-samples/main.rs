//! Makes the sample documents and what is expected of them, the same on every run:
//! `cargo run -p samples`. What it writes is kept with the sources.

mod contract;
mod form;
mod invoice_de;
mod invoice_en;
mod letter;
mod made;
mod metrics;
mod money;
mod order;
mod paper;
mod pdf;
mod receipt;
mod scan;
mod sheet;

use anyhow::Context;
use std::fs;

fn main() -> anyhow::Result<()> {
    let documents = [
        invoice_de::make()?,
        invoice_en::make()?,
        receipt::make()?,
        letter::make()?,
        paper::make()?,
        contract::make()?,
        order::make()?,
        form::make()?,
    ];
    fs::create_dir_all(samples::documents_dir())?;
    fs::create_dir_all(samples::expected_dir())?;
    for made in documents {
        let file = samples::documents_dir().join(&made.expected.file);
        fs::write(&file, &made.bytes).with_context(|| format!("{} could not be written", file.display()))?;
        let mut json = serde_json::to_string_pretty(&made.expected)?;
        json.push('\n');
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        fs::write(samples::expected_dir().join(format!("{stem}.json")), json)?;
        println!(
            "{:28} {:>4} KB  {}",
            made.expected.file,
            made.bytes.len().div_ceil(1024),
            made.expected.title
        );
    }
    Ok(())
}
