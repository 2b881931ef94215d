//! A fleet with documents of every kind of end, as a clerk sees it through the gateway.

use fleet_tests::{binary, follow, wait_for};
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// `docfleet up` in a folder of its own. Both go with this value.
pub struct Clerk {
    pub base: String,
    up: Child,
    data: TempDir,
}

impl Clerk {
    /// # Errors
    /// When there is no folder to be had or the command cannot be run.
    pub async fn start() -> Result<Clerk, Box<dyn Error>> {
        let data = tempfile::Builder::new().prefix("clerk").tempdir()?;
        let up = Command::new(binary("docfleet"))
            .args([
                "up",
                "--bind",
                "127.0.0.1:0",
                "--dashboard-bind",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let record = data.path().join("fleet.json");
        let base = wait_for("the fleet to start", async || {
            let record: Value = serde_json::from_slice(&std::fs::read(&record).ok()?).ok()?;
            let base = record["gateway"].as_str()?.to_owned();
            reqwest::get(format!("{base}/readyz")).await.ok()?;
            Some(base)
        })
        .await;
        Ok(Clerk { base, up, data })
    }

    /// Uploads the samples and a file that cannot be read, and waits for their ends.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn furnish(&self) -> Result<(), Box<dyn Error>> {
        for sample in samples::all()? {
            self.upload(&sample.path).await?;
        }
        let broken = Part::bytes(b"%PDF-1.7\nnothing at all".as_slice()).file_name("receipt-of-nothing.pdf");
        self.send(broken).await?;
        follow("all to end", async || {
            let documents = self.documents().await.map_err(|error| error.to_string());
            let ended = |document: &Value| matches!(document["status"].as_str(), Some("done" | "failed"));
            match documents {
                Ok(documents) if documents.iter().all(ended) => Ok(()),
                so_far => Err(so_far),
            }
        })
        .await;
        Ok(())
    }

    /// # Errors
    /// What the file system or the gateway says.
    pub async fn upload(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.send(Part::bytes(std::fs::read(path)?).file_name(name)).await
    }

    async fn send(&self, file: Part) -> Result<(), Box<dyn Error>> {
        let request = Client::new().post(format!("{}/api/v1/documents", self.base));
        request
            .multipart(Form::new().part("file", file))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    async fn documents(&self) -> Result<Vec<Value>, reqwest::Error> {
        let list: Value = reqwest::get(format!("{}/api/v1/documents", self.base))
            .await?
            .json()
            .await?;
        Ok(list["documents"].as_array().cloned().unwrap_or_default())
    }

    /// The pages worth a picture, each with a name.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn pages(&self) -> Result<Vec<(String, String)>, Box<dyn Error>> {
        let mut pages = vec![
            ("list".to_owned(), "/".to_owned()),
            ("found".to_owned(), "/?q=total".to_owned()),
            ("nothing-found".to_owned(), "/?q=nowhere-at-all".to_owned()),
        ];
        for document in self.documents().await? {
            let (id, name) = (&document["id"], &document["file_name"]);
            let path = format!("/documents/{}", id.as_str().unwrap_or_default());
            pages.push((name.as_str().unwrap_or_default().replace('.', "-"), path));
        }
        let of_a_document = pages.last().map(|(_, path)| format!("{path}/delete"));
        pages.extend(of_a_document.map(|path| ("delete".to_owned(), path)));
        pages.push(("not-found".to_owned(), "/documents/nobody".to_owned()));
        Ok(pages)
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        let data = self.data.path();
        let _ = Command::new(binary("docfleet"))
            .arg("down")
            .arg("--data")
            .arg(data)
            .status();
        let _ = self.up.kill();
        let _ = self.up.wait();
    }
}
