//! Makes a searchable PDF from a file and the result that docfleet gave for it:
//! `cargo run -p worker-finalize --example searchable -- ORIGINAL RESULT.json OUT.pdf`

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [original, result, out] = args.as_slice() else {
        eprintln!("usage: searchable ORIGINAL RESULT.json OUT.pdf");
        return ExitCode::from(2);
    };
    let made = std::fs::read(result)
        .map_err(|error| error.to_string())
        .and_then(|json| serde_json::from_slice(&json).map_err(|error| error.to_string()))
        .and_then(|reading| {
            worker_finalize::searchable_pdf(Path::new(original), &reading, Path::new(out)).map_err(|e| e.to_string())
        });
    match made {
        Ok(made) => {
            println!("{made:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{original}: {error}");
            ExitCode::FAILURE
        }
    }
}
