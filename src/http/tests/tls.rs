//! Certificates: what is not accepted is said so that somebody can do something about it.

use super::stage::{Identity, Stage, json, links};
use super::*;

fn at(stage: &Stage, host: &str, roots: &[&Identity]) -> Http {
    let mut settings = settings(Entry::Root(url(&format!("https://{host}/root"))));
    settings.resolve = vec![(host.to_owned(), stage.address)];
    settings.extra_roots_pem = roots.iter().map(|identity| identity.authority_pem.clone()).collect();
    Http::new(settings, Answers::none()).unwrap()
}

#[tokio::test]
async fn an_authority_that_was_added_is_trusted() {
    let identity = Identity::new(&["pool.contoso.test"]);
    let stage = Stage::https(&identity, |_, _| links(&[("user", "/user")])).await;
    let found = at(&stage, "pool.contoso.test", &[&identity]).discover().await.unwrap();
    assert_eq!(found, url("https://pool.contoso.test/user"));
    assert_eq!(stage.seen()[0].header("host"), Some("pool.contoso.test"));
}

#[tokio::test]
async fn certificates_that_are_not_accepted() {
    let good = Identity::new(&["pool.contoso.test"]);
    let other = Identity::new(&["pool.contoso.test"]);
    let elsewhere = Identity::new(&["www.contoso.test"]);
    let old = Identity::with(&["pool.contoso.test"], |certificate| {
        certificate.not_before = rcgen::date_time_ymd(2001, 1, 1);
        certificate.not_after = rcgen::date_time_ymd(2002, 1, 1);
    });
    // identity, trusted, what came, what to do
    let table = [
        (&good, &other, "unknown authority", "add_root_certs_pem"),
        (&elsewhere, &elsewhere, "another name", "name"),
        (&old, &old, "expired", "clock"),
    ];
    for (identity, trusted, came, advice) in table {
        let stage = Stage::https(identity, |_, _| json(200, "{}")).await;
        let error = at(&stage, "pool.contoso.test", &[trusted]).discover().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.came().contains(came) && error.advice().contains(advice), "{error}");
        assert!(!error.is_retryable());
        assert!(stage.seen().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_named() {
    let identity = Identity::new(&["pool.contoso.test"]);
    // Any byte at the beginning of the greeting is an answer that no TLS server gives.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            use tokio::io::AsyncWriteExt;
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                std::future::pending::<()>().await;
            });
        }
    });
    let mut settings = settings(Entry::Root(url("https://pool.contoso.test/")));
    settings.resolve = vec![("Pool.Contoso.Test".to_owned(), address)];
    settings.extra_roots_pem = vec![identity.authority_pem.clone()];
    let error = Http::new(settings, Answers::none()).unwrap().discover().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.advice().contains("https server"), "{error}");
}
