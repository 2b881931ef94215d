//! Pictures of every page of the dashboard: light and dark, wide and narrow, in a folder (default `out/screenshots`).
//!
//! `cargo run -p benches --bin screenshots -- out/screenshots`

use benches::operator::Operator;
use fleet_tests::{Browser, Scheme, Services};
use std::error::Error;
use std::path::PathBuf;

const HEIGHT: u32 = 900;
/// A page that is longer is cut.
const LONGEST: u32 = 3000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "out/screenshots".into());
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let operator = Operator::seeded(Services::shared().home(), 3000).await?;
    let browser = Browser::start().await;
    for (n, path) in operator.pages.iter().enumerate() {
        for (width, scheme) in [
            (1440, Scheme::Light),
            (1440, Scheme::Dark),
            (390, Scheme::Light),
            (390, Scheme::Dark),
        ] {
            browser.look(width, HEIGHT, scheme).await;
            browser.go(&format!("{}{path}", operator.base)).await;
            let tall = browser.eval("document.documentElement.scrollHeight").await;
            let tall = u32::try_from(tall.as_u64().unwrap_or_default())?.clamp(HEIGHT, LONGEST);
            browser.look(width, tall, scheme).await;
            let name = format!("{n:02}-{}-{width}-{scheme:?}.png", name(path)).to_lowercase();
            std::fs::write(folder.join(name), browser.driver.screenshot_as_png().await?)?;
        }
    }
    println!("{} pages are in {}", operator.pages.len(), folder.display());
    Ok(())
}

/// The address as the name of a file; an id is one of many.
fn name(path: &str) -> String {
    let words = path.split(['/', '?', '&', '=']).filter(|word| !word.is_empty());
    let name: Vec<&str> = words.map(|word| if word.len() < 24 { word } else { "one" }).collect();
    if name.is_empty() {
        "overview".into()
    } else {
        name.join("-")
    }
}
