//! The operator's key: shown to the gateway, and to nobody else.

use crate::support::docfleet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Answers one request with 401, as a gateway does that has keys; returns the request's head.
fn refuse_one(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let body = r#"{"code":"unauthorized","title":"Unauthorized"}"#;
    write!(
        stream,
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    head.join("\n")
}

#[test]
fn a_key_is_shown_to_the_gateway_and_what_to_do_without_one_is_said() {
    let tmp = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    for (key, shown, said) in [
        ("", None, "wants a key"),
        (
            "df_secret",
            Some("authorization: Bearer df_secret"),
            "does not take the key in API_KEY",
        ),
    ] {
        let mut command = docfleet(&tmp);
        command.args(["status", "--url", &url]).env("API_KEY", key);
        let (head, output) = std::thread::scope(|scope| {
            let called = scope.spawn(move || command.output().unwrap());
            (refuse_one(&listener), called.join().unwrap())
        });
        let line = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("authorization:"));
        assert_eq!(line, shown);
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains(said) && stderr.contains("docfleet keys add"),
            "{stderr}"
        );
        assert!(!stderr.contains("df_secret"), "{stderr}");
    }
}

#[test]
fn a_key_is_given_by_environment_only_and_not_shown() {
    let tmp = tempfile::tempdir().unwrap();
    let by_flag = docfleet(&tmp)
        .args(["status", "--api-key", "df_secret"])
        .output()
        .unwrap();
    assert_eq!(by_flag.status.code(), Some(2));
    for args in [&["status", "--help"][..], &["config"], &["config", "--json"]] {
        let output = docfleet(&tmp).args(args).env("API_KEY", "df_secret").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("API_KEY") && !said.contains("df_secret"), "{said}");
    }
    let broken = docfleet(&tmp)
        .arg("status")
        .env("API_KEY", "df_\nsecret")
        .output()
        .unwrap();
    assert_eq!(broken.status.code(), Some(1));
    let stderr = String::from_utf8(broken.stderr).unwrap();
    assert!(stderr.contains("API_KEY") && !stderr.contains("secret"), "{stderr}");
}
