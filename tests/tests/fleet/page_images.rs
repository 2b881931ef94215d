//! Page images are rendered on demand, and do not fill the disk.

use crate::support::Fleet;
use std::fs;
use std::path::Path;

/// The images in the storage.
fn images(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.flat_map(|entry| match entry.path() {
        path if path.is_dir() => images(&path),
        _ => vec![entry.file_name().to_string_lossy().into_owned()],
    });
    found.filter(|name| name.starts_with("page-")).collect()
}

#[tokio::test]
async fn images_beyond_what_is_kept_make_way_for_the_next() {
    let fleet = Fleet::up(&[("PAGE_IMAGES_BYTES", "0")]).await;
    let document = fleet.submit(&samples::documents_dir().join("letter-de.pdf"));
    assert_eq!(fleet.ended(&document).await["status"], "done");
    let storage = fleet.record()["storage_url"].as_str().unwrap().replace("file://", "");
    for width in [240, 480, 800] {
        let gateway = fleet.gateway();
        let image = format!("{gateway}/api/v1/documents/{document}/pages/1/image?width={width}");
        let answer = reqwest::get(image).await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        assert_eq!(images(Path::new(&storage)), [format!("page-1-{width}.png")]);
    }
    fleet.stop().await;
}
