//! Addresses that the fleet's servers listen on, and URLs to reach them.

use anyhow::{Context, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// Resolves the address and checks that it can be listened on. Port 0 becomes a free port.
pub fn free_address(who: &str, bind: &str, flag: &str) -> Result<SocketAddr> {
    let listener = TcpListener::bind(bind).with_context(|| {
        format!("the {who} cannot listen on {bind}; free that port, or choose another address with {flag}")
    })?;
    Ok(listener.local_addr()?)
}

/// The URL at which a client on this machine reaches a server that listens there.
pub fn url_of(bind: SocketAddr) -> String {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bind.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let bind = taken.local_addr().unwrap().to_string();
        let error = format!("{:#}", free_address("gateway", &bind, "--bind").unwrap_err());
        assert!(error.contains(&bind) && error.contains("--bind"), "{error}");
    }

    #[test]
    fn who_listens_everywhere_is_reached_here() {
        assert_eq!(url_of("0.0.0.0:80".parse().unwrap()), "http://127.0.0.1:80");
        assert_eq!(url_of("[::]:80".parse().unwrap()), "http://[::1]:80");
        assert_eq!(url_of("10.0.0.1:80".parse().unwrap()), "http://10.0.0.1:80");
    }
}
