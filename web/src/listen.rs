//! Where a server listens.

use anyhow::{Context, bail};
use settings::Settings;
use std::net::{SocketAddr, ToSocketAddrs};

/// The address that `setting` names.
///
/// # Errors
/// When it is no address, or one beyond this machine: `who` has no keys yet, so only this machine may ask.
pub fn loopback(settings: &Settings, setting: &'static str, who: &str) -> anyhow::Result<SocketAddr> {
    let given = settings.text(setting);
    let mut addresses = given
        .to_socket_addrs()
        .with_context(|| format!("setting {setting}={given}: is no address of this machine"))?;
    let Some(bind) = addresses.next() else {
        bail!("setting {setting}={given}: names no address");
    };
    if !bind.ip().is_loopback() {
        bail!(
            "setting {setting}={given}: the {who} has no API keys yet, so it answers on this machine only; \
             give a loopback address such as 127.0.0.1:{} and put a proxy that asks for a login before it",
            bind.port()
        );
    }
    Ok(bind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(text: &str) -> anyhow::Result<SocketAddr> {
        let pairs = [("BIND".to_owned(), text.to_owned())];
        loopback(&Settings::from_pairs(pairs, []).unwrap(), "BIND", "gateway")
    }

    #[test]
    fn this_machine_is_accepted() {
        assert!(bind("127.0.0.1:0").is_ok());
        assert!(bind("[::1]:8080").is_ok());
    }

    #[test]
    fn the_world_is_refused_and_the_setting_named() {
        for address in ["0.0.0.0:8080", "[::]:8080"] {
            let error = bind(address).unwrap_err().to_string();
            assert!(error.contains("setting BIND"), "{error}");
        }
    }
}
