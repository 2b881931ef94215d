//! Pictures of every page of the dashboard and of the gateway: light and dark, wide and narrow, in a folder (default
//! `out/screenshots`).
//!
//! `cargo run -p benches --bin screenshots -- out/screenshots`

use benches::clerk::Clerk;
use benches::operator::Operator;
use fleet_tests::{Browser, Scheme, Services, wait_until};
use std::error::Error;
use std::path::PathBuf;

const HEIGHT: u32 = 900;
/// A page that is longer is cut.
const LONGEST: u32 = 3000;

const LOOKS: [(u32, Scheme); 4] = [
    (1440, Scheme::Light),
    (1440, Scheme::Dark),
    (390, Scheme::Light),
    (390, Scheme::Dark),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "out/screenshots".into());
    let album = Album {
        folder: PathBuf::from(folder),
        browser: Browser::start().await,
    };
    std::fs::create_dir_all(&album.folder)?;
    let clerk = Clerk::start().await?;
    album.add(&clerk.base, "/", "gateway-00-empty").await?;
    clerk.furnish().await?;
    for (n, (name, path)) in clerk.pages().await?.iter().enumerate() {
        album
            .add(&clerk.base, path, &format!("gateway-{:02}-{name}", n + 1))
            .await?;
    }
    drop(clerk);
    let operator = Operator::seeded(Services::shared().home(), 3000).await?;
    for (n, path) in operator.pages.iter().enumerate() {
        album
            .add(&operator.base, path, &format!("{n:02}-{}", name(path)))
            .await?;
    }
    println!("the pictures are in {}", album.folder.display());
    Ok(())
}

struct Album {
    folder: PathBuf,
    browser: Browser,
}

impl Album {
    async fn add(&self, base: &str, path: &str, name: &str) -> Result<(), Box<dyn Error>> {
        let browser = &self.browser;
        for (width, scheme) in LOOKS {
            browser.look(width, HEIGHT, scheme).await;
            browser.go(&format!("{base}{path}")).await;
            wait_until("the page's images", async || {
                let shown = "[...document.images].every((image) => image.complete)";
                browser.eval(shown).await == true
            })
            .await;
            let tall = browser.eval("document.documentElement.scrollHeight").await;
            let tall = u32::try_from(tall.as_u64().unwrap_or_default())?.clamp(HEIGHT, LONGEST);
            browser.look(width, tall, scheme).await;
            let file = format!("{name}-{width}-{scheme:?}.png").to_lowercase();
            std::fs::write(self.folder.join(file), browser.driver.screenshot_as_png().await?)?;
        }
        Ok(())
    }
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
