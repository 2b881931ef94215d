//! Trusted proxies: their header X-Forwarded-For is believed.

use axum::http::HeaderMap;
use ipnet::IpNet;
use settings::{Settings, TRUSTED_PROXIES};
use std::net::IpAddr;
use std::sync::Arc;

const FORWARDED: &str = "x-forwarded-for";

/// The networks of setting TRUSTED_PROXIES.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    pub fn from_settings(settings: &Settings) -> Proxies {
        Proxies(settings.get(TRUSTED_PROXIES).into())
    }

    pub fn include(&self, peer: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&peer.to_canonical()))
    }

    /// The client's address: the last one in the header that is no trusted proxy. The addresses before it come from the client
    /// itself and may be forged.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED).iter().rev();
        let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        while self.include(client) {
            match hops.next().map(|hop| hop.trim().parse::<IpAddr>()) {
                Some(Ok(hop)) => client = hop.to_canonical(),
                _ => break,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = Proxies(Arc::new([
            "10.0.0.0/8".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ]));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, HeaderValue::from_static(line));
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxy() {
        assert_eq!(client("127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("::ffff:127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            client("10.1.1.1", &["192.0.2.9, 198.51.100.7, 10.2.2.2"]),
            "198.51.100.7"
        );
        assert_eq!(client("10.1.1.1", &["192.0.2.9", "198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn untrusted_and_malformed_headers_are_ignored() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.1.1.1", &[]), "10.1.1.1");
        assert_eq!(client("10.1.1.1", &["198.51.100.7, unknown"]), "10.1.1.1");
    }
}
