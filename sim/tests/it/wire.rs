//! The bytes on the socket: spelling, framing, TLS.

use std::io::Write;
use std::sync::Arc;

use serde_json::json;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};
use ucwa_sim::{Settings, Simulator, StartError};

use crate::common::{Session, connect, read_answer, request, start, write_request};

const FORM: &str = "grant_type=password&username=lene%40contoso.com&password=Pa55w.rd!";

/// Clients of the field compare header names with case.
#[test]
fn headers_are_spelled_as_on_the_real_wire() {
    let sim = start();
    let names = |answer: &crate::common::Answer| {
        let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let challenge =
        request(sim.address(), "GET", "/Autodiscover/AutodiscoverService.svc/root/user", &[], b"");
    assert_eq!(
        names(&challenge),
        [
            "Cache-Control",
            "Content-Length",
            "Content-Type",
            "WWW-Authenticate",
            "X-MS-Server-Fqdn",
            "X-Ms-diagnostics"
        ]
    );
    let lene = Session::sign_in(&sim, "lene");
    let made = lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    assert_eq!(names(&made), ["Cache-Control", "Content-Length", "Location", "X-MS-Server-Fqdn"]);
    let communication = lene.send("GET", &format!("{}/communication", lene.own_link()), &[], b"");
    assert!(communication.header("ETag").is_some_and(|etag| etag.starts_with('"')));
    let deleted = lene.delete(lene.own_link());
    assert_eq!(names(&deleted), ["Cache-Control", "X-MS-Server-Fqdn"], "204 has no length");
}

#[test]
fn one_connection_serves_many_requests_even_sent_ahead() {
    let sim = start();
    let mut stream = connect(sim.address());
    for _ in 0..3 {
        write_request(&mut stream, "GET", "/", &[], b"");
    }
    for _ in 0..3 {
        assert_eq!(read_answer(&mut stream).expect("an answer").status, 200);
    }
    write_request(&mut stream, "GET", "/", &[("Connection", "close")], b"");
    let last = read_answer(&mut stream).expect("an answer");
    assert_eq!(last.header("Connection"), Some("close"));
    assert!(read_answer(&mut stream).is_none(), "and closed");
}

#[test]
fn who_expects_to_be_told_to_continue_is_told() {
    let sim = start();
    let mut stream = connect(sim.address());
    let head = format!(
        "POST /WebTicket/oauthtoken HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        FORM.len()
    );
    stream.write_all(head.as_bytes()).expect("write");
    assert_eq!(read_answer(&mut stream).expect("an answer").status, 100, "before any byte of the body");
    stream.write_all(FORM.as_bytes()).expect("write");
    assert_eq!(read_answer(&mut stream).expect("an answer").status, 200);
}

#[test]
fn a_body_may_come_in_chunks() {
    let sim = start();
    let mut stream = connect(sim.address());
    let (a, b) = FORM.split_at(20);
    let text = format!(
        "POST /WebTicket/oauthtoken HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{a}\r\n{:X};x=y\r\n{b}\r\n0\r\n\r\n",
        a.len(),
        b.len()
    );
    stream.write_all(text.as_bytes()).expect("write");
    assert_eq!(read_answer(&mut stream).expect("an answer").status, 200);
}

/// What does not deserve an answer gets one all the same, and the server goes on.
#[test]
fn nonsense_is_refused_without_harm() {
    let sim = start();
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(70_000));
    let cases: [(&[u8], u16); 6] = [
        (b"\x00\x01\x02\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (long.as_bytes(), 431),
    ];
    for (bytes, status) in cases {
        let mut stream = connect(sim.address());
        // The server may answer and close before all of it is written.
        let _ = stream.write_all(bytes);
        let seen = read_answer(&mut stream).map(|answer| answer.status);
        assert!(seen == Some(status) || (status == 431 && seen.is_none()), "{seen:?} for {status}");
    }
    let lene = Session::sign_in(&sim, "lene");
    for target in ["/%ff%fe", "/ucwa/oauth/v1/applications/%00", "/?&&=&%zz", "//", "/ucwa//oauth", "*"] {
        let answer = lene.send("GET", target, &[], b"");
        assert!(answer.status < 500, "{target}: {}", answer.status);
    }
    for body in [
        "[]",
        "7",
        "\"x\"",
        "{\"to\":{\"a\":[1]}}",
        "{\"_links\":{\"message\":3}}",
        "\u{feff}{}",
        "{\"to\":\"\\u0000\"}",
    ] {
        let answer = lene.post(lene.communication("startMessaging"), &serde_json::Value::Null);
        assert_eq!(answer.status, 400);
        let json = [("Content-Type", "application/json")];
        let answer = lene.send("POST", lene.communication("startMessaging"), &json, body.as_bytes());
        assert_eq!(answer.status, 400, "{body}");
    }
}

/// A TLS client that trusts the CA and nothing else.
fn over_tls(sim: &Simulator, name: &str) -> Result<u16, String> {
    let mut roots = RootCertStore::empty();
    let pem = sim.ca_pem().expect("a CA");
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")).expect("added");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).expect("a name");
    let connection = ClientConnection::new(Arc::new(config), server).expect("a connection");
    let mut stream = StreamOwned::new(connection, connect(sim.address()));
    let hello = stream.conn.complete_io(&mut stream.sock).map_err(|error| error.to_string());
    hello?;
    write_request(&mut stream, "GET", "/", &[("Host", name)], b"");
    let answer = read_answer(&mut stream).ok_or("no answer")?;
    let user = answer.json()["_links"]["user"]["href"].as_str().expect("a link").to_owned();
    assert!(user.starts_with(&format!("https://{name}/")), "{user}");
    Ok(answer.status)
}

#[test]
fn https_has_a_certificate_of_its_ca_for_every_name() {
    let sim = Simulator::start(Settings { tls: true, ..Settings::default() }).expect("it starts");
    assert!(sim.root_url().starts_with("https://127.0.0.1:"));
    let file = sim.ca_file().expect("a file").to_owned();
    assert_eq!(std::fs::read_to_string(&file).ok(), sim.ca_pem());
    for name in
        ["localhost", "127.0.0.1", "lyncdiscoverinternal.contoso.com", "lyncweb.contoso.com", "contoso.com"]
    {
        assert_eq!(over_tls(&sim, name), Ok(200), "{name}");
    }
    let stranger = over_tls(&sim, "lyncdiscover.fabrikam.com").expect_err("not this name");
    assert!(stranger.contains("certificate"), "{stranger}");
    let plain = request(sim.address(), "GET", "/x?y=1", &[("Host", "lyncdiscover.contoso.com")], b"");
    assert_eq!(
        (plain.status, plain.header("Location")),
        (302, Some("https://lyncdiscover.contoso.com/x?y=1"))
    );
    drop(sim);
    assert!(!file.exists(), "the file goes with the simulator");
}

#[test]
fn what_cannot_start_says_what_to_change() {
    let sim = start();
    let taken = Settings { listen: sim.address(), ..Settings::default() };
    let error = Simulator::start(taken).expect_err("the port is taken");
    assert!(matches!(error, StartError::Listen { .. }) && error.to_string().contains("port 0"), "{error}");
    let error = Simulator::start(Settings { users: Vec::new(), ..Settings::default() }).expect_err("nobody");
    assert!(error.to_string().contains("users"), "{error}");
    let address = sim.address();
    drop(sim);
    assert!(std::net::TcpStream::connect(address).is_err(), "it stops when it is dropped");
}

/// Async tests start simulators too, and see them fail.
#[test]
fn it_starts_and_stops_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let sim = start();
        assert_eq!(request(sim.address(), "GET", "/", &[], b"").status, 200);
        let taken = Settings { listen: sim.address(), ..Settings::default() };
        assert!(Simulator::start(taken).is_err());
    });
}
