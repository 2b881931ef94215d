//! The test servers start, can be killed and restarted, and leave nothing behind.

use fleet_tests::{Services, wait_until};
use std::path::PathBuf;

fn path_of(url: &str) -> PathBuf {
    let socket = url.trim_start_matches("redis+unix://");
    PathBuf::from(socket.split('?').next().expect("a path"))
}

#[tokio::test]
async fn servers_come_and_go() {
    let services = Services::start();
    let settings = services.settings_with(&[("LEASE_SECONDS", "2")]);
    assert_eq!(settings.get(settings::LEASE_SECONDS).as_secs(), 2);
    let socket = path_of(settings.get(settings::BROKER_URL).unwrap());
    let up = async || std::os::unix::net::UnixStream::connect(&socket).is_ok();
    assert!(up().await);
    services.kill_redis();
    wait_until("Redis to be gone", async || !up().await).await;
    services.start_redis();
    assert!(up().await);
    services.kill_postgres();
    services.start_postgres();
    assert_ne!(
        services.database().settings().get(settings::DATABASE_URL),
        settings.get(settings::DATABASE_URL)
    );
    let folder = services.folder().to_owned();
    drop(services);
    assert!(!folder.exists() && !up().await);
}
