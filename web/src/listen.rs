//! Where a server listens.

use anyhow::{Context, bail};
use settings::{Address, Setting, Settings};
use std::net::{SocketAddr, ToSocketAddrs};
use store::Store;
use tokio::net::TcpListener;

/// The address that `setting` names.
///
/// # Errors
/// When it is no address.
pub fn address(settings: &Settings, setting: Setting<Address>) -> anyhow::Result<SocketAddr> {
    let (name, given) = (setting.name, settings.get(setting));
    let mut addresses = given
        .to_socket_addrs()
        .with_context(|| format!("setting {name}={given}: is no address of this machine"))?;
    addresses
        .next()
        .with_context(|| format!("setting {name}={given}: names no address; give one such as 127.0.0.1:8080"))
}

/// Binds the address.
///
/// # Errors
/// When the address is taken. Also when it is reachable from other machines and no key was made yet: everybody would have
/// access.
pub async fn bind(setting: Setting<Address>, address: SocketAddr, store: &Store) -> anyhow::Result<TcpListener> {
    let name = setting.name;
    if !address.ip().is_loopback() && !store.is_locked().await? {
        bail!(
            "setting {name}={address}: beyond this machine a key is needed, and there is none yet; make the first with \
             \"docfleet keys add NAME --scope admin\", or give a loopback address such as 127.0.0.1:{}",
            address.port()
        );
    }
    TcpListener::bind(address)
        .await
        .with_context(|| format!("setting {name}={address}: cannot listen there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused_and_the_setting_named() {
        let settings = Settings::from_pairs([("BIND".to_owned(), "nowhere.invalid:80".to_owned())], []).unwrap();
        let error = address(&settings, settings::BIND).unwrap_err().to_string();
        assert!(error.contains("setting BIND"), "{error}");
    }
}
