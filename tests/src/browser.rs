//! A headless Chromium, driven through Debian's chromedriver.

use crate::process::{quiet, server, spawn};
use crate::tools;
use crate::wait::wait_for;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use thirtyfour::prelude::*;

/// The system's colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

pub struct Browser {
    pub driver: WebDriver,
    chromedriver: Child,
    /// Kept open: chromedriver writes to it.
    _stdout: BufReader<ChildStdout>,
    janitor: Child,
}

const FLAGS: [&str; 7] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

impl Browser {
    /// # Panics
    /// Where chromium or chromedriver is missing.
    pub async fn start() -> Browser {
        let profile = tempfile::Builder::new().prefix("browser").tempdir();
        let profile = profile.expect("a temporary folder can be made").keep();
        let mut command = server("chromedriver", None);
        // Chromium joins its group, so that both can be ended together.
        command.arg("--port=0").stdout(Stdio::piped()).process_group(0);
        let mut chromedriver = spawn(command);
        let janitor = janitor(chromedriver.id(), &profile);
        let mut stdout = BufReader::new(chromedriver.stdout.take().expect("a pipe"));
        let port = port(&mut stdout);
        let mut capabilities = DesiredCapabilities::chrome();
        let profile = format!("--user-data-dir={}", profile.display());
        for flag in FLAGS.into_iter().chain([profile.as_str()]) {
            capabilities.add_arg(flag).expect("a flag");
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await;
        Browser {
            driver: driver.expect("chromium starts"),
            chromedriver,
            _stdout: stdout,
            janitor,
        }
    }

    pub async fn go(&self, url: &str) {
        self.driver.goto(url).await.unwrap_or_else(|e| panic!("{url}: {e}"));
    }

    /// The text of the whole page, as a person sees it.
    pub async fn text(&self) -> String {
        // Empty if a script has just replaced the element; callers look again.
        let Ok(body) = self.driver.find(By::Tag("body")).await else {
            return String::new();
        };
        body.text().await.unwrap_or_default()
    }

    /// Waits until the page contains these words, without reloading it.
    pub async fn says(&self, words: &str) {
        wait_for(&format!("the page to say {words:?}"), async || {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// Clicks the button, or follows the link, with this text.
    pub async fn press(&self, words: &str) {
        let path = format!("//button[normalize-space()={words:?}] | //a[normalize-space()={words:?}]");
        wait_for(&format!("{words:?} to be pressed"), async || {
            // Skips hidden elements with the same text, which cannot be clicked.
            for found in self.driver.find_all(By::XPath(path.as_str())).await.ok()? {
                if found.click().await.is_ok() {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = By::Css(format!("[aria-label={label:?}]"));
        let field = self.driver.find(field).await.unwrap_or_else(|e| panic!("{label}: {e}"));
        field.send_keys(text).await.unwrap_or_else(|e| panic!("{label}: {e}"));
    }

    /// Replaces the contents of the field with this name.
    pub async fn fill_in(&self, name: &str, text: &str) {
        let field = self
            .driver
            .find(By::Name(name))
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        field.clear().await.unwrap_or_else(|e| panic!("{name}: {e}"));
        field.send_keys(text).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    }

    /// Presses a key on the focused element.
    pub async fn key(&self, key: Key) {
        let keys = self.driver.action_chain().send_keys(key + "");
        keys.perform().await.expect("a page takes keys");
    }

    /// Moves the mouse onto the element.
    pub async fn hover(&self, css: &str) {
        let element = self.driver.find(By::Css(css)).await;
        let element = element.unwrap_or_else(|e| panic!("{css}: {e}"));
        let moved = self.driver.action_chain().move_to_element_center(&element);
        moved.perform().await.unwrap_or_else(|e| panic!("{css}: {e}"));
    }

    /// Drops files on the element, as from a file manager.
    pub async fn drop_files(&self, css: &str, files: &[&Path]) {
        let place = format!(
            "(({{x, y, width, height}}) => [x + width / 2, y + height / 2])(document.querySelector({css:?}).getBoundingClientRect())"
        );
        let place = self.eval(&place).await;
        // Chromium rejects paths that contain `..`.
        let real = |file: &&Path| {
            file.canonicalize()
                .unwrap_or_else(|e| panic!("{}: {e}", file.display()))
        };
        let files: Vec<_> = files.iter().map(real).collect();
        for step in ["dragEnter", "dragOver", "drop"] {
            let event = json!({
                "type": step, "x": place[0], "y": place[1],
                "data": {"items": [], "files": files, "dragOperationsMask": 1},
            });
            let done = self.driver.cdp().send_raw("Input.dispatchDragEvent", event).await;
            done.unwrap_or_else(|e| panic!("{step} on {css}: {e}"));
        }
    }

    /// Position of an element within another: left, top, right and bottom, as fractions of the other's width and height.
    pub async fn place_in(&self, inner: &str, outer: &str) -> [f64; 4] {
        let place = format!(
            "((inner, outer) => [(inner.left - outer.left) / outer.width, (inner.top - outer.top) / outer.height,
                                 (inner.right - outer.left) / outer.width, (inner.bottom - outer.top) / outer.height])(
              document.querySelector({inner:?}).getBoundingClientRect(), document.querySelector({outer:?}).getBoundingClientRect())"
        );
        serde_json::from_value(self.eval(&place).await).expect("four numbers")
    }

    /// Accessibility faults of these pages, wide and narrow, light and dark, one per line.
    pub async fn faults_of(&self, base: &str, pages: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for (width, scheme) in [
            (1440, Scheme::Light),
            (1440, Scheme::Dark),
            (390, Scheme::Light),
            (390, Scheme::Dark),
        ] {
            self.look(width, 900, scheme).await;
            for page in pages {
                self.go(&format!("{base}{page}")).await;
                let faults = self.faults().await;
                found.extend(
                    faults
                        .iter()
                        .map(|fault| format!("{page} at {width}, {scheme:?}: {fault}")),
                );
            }
        }
        found
    }

    /// Accessibility faults of the page: each rule of axe-core that is broken, one per line, and elements beyond the screen.
    pub async fn faults(&self) -> Vec<String> {
        let fails = |e: WebDriverError| -> ! { panic!("axe-core: {e}") };
        self.driver
            .execute(tools::axe(), Vec::new())
            .await
            .unwrap_or_else(|e| fails(e));
        let told = self
            .driver
            .execute_async(ASK_AXE, Vec::new())
            .await
            .unwrap_or_else(|e| fails(e));
        let broken = told
            .json()
            .as_array()
            .unwrap_or_else(|| panic!("axe-core: {}", told.json()));
        let mut faults: Vec<String> = broken.iter().map(rule).collect();
        let beyond = self.eval("document.documentElement.scrollWidth - innerWidth").await;
        if let Some(px) = beyond.as_i64().filter(|px| *px > 0) {
            faults.push(format!("wider than the screen by {px} px"));
        }
        faults
    }

    /// Sets the window's size and the colour scheme.
    pub async fn look(&self, width: u32, height: u32, scheme: Scheme) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        let devtools = self.driver.cdp();
        devtools
            .send_raw("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .expect("chromium is as wide as one likes");
        devtools
            .send_raw("Emulation.setEmulatedMedia", media)
            .await
            .expect("chromium is as dark as one likes");
    }

    /// Evaluates a JavaScript expression on the page.
    pub async fn eval(&self, expression: &str) -> serde_json::Value {
        let script = format!("return (\n{expression}\n);");
        let result = self.driver.execute(script, Vec::new()).await;
        result.unwrap_or_else(|e| panic!("{expression}: {e}")).json().clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The janitor ends the session's processes. Dropping the driver would wait for their answer.
        let _ = self.driver.clone().leak();
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
        let _ = self.chromedriver.wait();
    }
}

/// Kills chromedriver with its Chromium, however this process ends: a shell waits until a pipe that this process holds open is
/// closed.
fn janitor(group: u32, profile: &Path) -> Child {
    let mut command = Command::new("sh");
    command
        .args(["-c", "read -r _; kill -s KILL -- \"-$0\"; sleep 0.2; rm -rf \"$1\""])
        .arg(group.to_string())
        .arg(profile)
        .stdin(Stdio::piped());
    quiet(&mut command).spawn().expect("sh can be run")
}

/// `ChromeDriver was started successfully on port 35407.`
fn port(stdout: &mut impl BufRead) -> u16 {
    let lines = stdout.lines().map_while(Result::ok);
    let found = lines
        .filter(|line| line.contains("successfully"))
        .find_map(|line| line.rsplit(' ').next()?.trim_end_matches('.').parse().ok());
    found.expect("chromedriver says where it listens; is it installed?")
}

const ASK_AXE: &str = "const done = arguments[arguments.length - 1]; \
                       axe.run().then((told) => done(told.violations), (error) => done(String(error)));";

/// A broken rule, and where.
fn rule(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    let places: Vec<String> = nodes
        .take(3)
        .map(|node| format!("{} ({})", node["html"], node["failureSummary"]))
        .collect();
    format!("{}: {}: {}", violation["id"], violation["help"], places.join(", "))
}
