//! Entry points in order, each failing in its own way (PROTOCOL 1.1 to 1.4), over TLS with overridden addresses.

use std::net::SocketAddr;

use super::stage::{Identity, Reply, Seen, Stage, challenge, html, json, links, reply};
use super::*;

const INTERNAL: &str = "lyncdiscoverinternal.contoso.test";
const EXTERNAL: &str = "lyncdiscover.contoso.test";

fn identity() -> Identity {
    Identity::new(&[INTERNAL, EXTERNAL, "lyncweb.contoso.test", "evil.test", "evilcontoso.test"])
}

fn http(identity: &Identity, hosts: &[(&str, SocketAddr)]) -> Http {
    let mut settings = settings(Entry::Domain("Contoso.test".to_owned()));
    settings.resolve = hosts.iter().map(|&(host, address)| (host.to_owned(), address)).collect();
    settings.extra_roots_pem = vec![identity.authority_pem.clone()];
    settings.max_discovery_redirects = 3;
    settings.max_redirects = 3;
    Http::new(settings, Answers::none()).unwrap()
}

fn root(_: &Seen, _: usize) -> Reply {
    links(&[
        ("user", "https://lyncweb.contoso.test/root/oauth/user?originalDomain=contoso.test"),
        ("xframe", "https://lyncweb.contoso.test/XFrame.html"),
    ])
}

const USER: &str = "https://lyncweb.contoso.test/root/oauth/user?originalDomain=contoso.test";

#[tokio::test]
async fn the_internal_entry_point_goes_first() {
    let identity = identity();
    let internal = Stage::https(&identity, root).await;
    let external = Stage::https(&identity, root).await;
    let http = http(&identity, &[(INTERNAL, internal.address), (EXTERNAL, external.address)]);
    assert_eq!(http.discover().await.unwrap(), url(USER));
    assert_eq!((internal.seen().len(), external.seen().len()), (1, 0));
    let request = &internal.seen()[0];
    assert_eq!((request.target.as_str(), request.header("host")), ("/", Some(INTERNAL)));
    assert_eq!(request.token(), None);
    // What discovery led to may be asked, the rest of the domain may not.
    assert!(http.check_origin(&url(USER)).is_ok());
    assert!(http.check_origin(&url("https://pool.contoso.test/")).is_err());
}

#[tokio::test]
async fn the_external_one_when_the_internal_one_failed() {
    let identity = identity();
    type Script = fn(&Seen, usize) -> Reply;
    let failures: [Script; 9] = [
        |_, _| json(404, "{}"),
        |_, _| html(404),
        |_, _| html(200),
        |_, _| json(503, "{}"),
        |_, _| json(200, "{broken"),
        |_, _| json(200, r#"{"_links":{"self":{"href":"/"}}}"#),
        |_, _| links(&[("user", "http://lyncweb.contoso.test/user")]),
        |_, _| reply(302, &[("Location", "https://evil.test/")], ""),
        |_, _| Reply::Break(Vec::new()),
    ];
    let evil = Stage::https(&identity, root).await;
    for failure in failures {
        let internal = Stage::https(&identity, failure).await;
        let external = Stage::https(&identity, root).await;
        let http = http(
            &identity,
            &[(INTERNAL, internal.address), (EXTERNAL, external.address), ("evil.test", evil.address)],
        );
        assert_eq!(http.discover().await.unwrap(), url(USER));
        assert_eq!((internal.seen().len(), external.seen().len(), evil.seen().len()), (1, 1, 0));
    }
    let external = Stage::https(&identity, root).await;
    let http = http(&identity, &[(INTERNAL, nowhere().await), (EXTERNAL, external.address)]);
    assert_eq!(http.discover().await.unwrap(), url(USER));
}

#[tokio::test]
async fn an_http_redirect_counts_within_its_domain_only() {
    let identity = identity();
    let web = Stage::https(&identity, root).await;
    // where to, followed
    let table = [
        ("https://lyncweb.contoso.test/root", true),
        ("/moved", true),
        ("https://evilcontoso.test/", false),
        ("http://lyncweb.contoso.test/root", false),
        ("https://ana@lyncweb.contoso.test/root", false),
        ("", false),
    ];
    for (location, followed) in table {
        let internal = Stage::https(&identity, move |request, _| match request.path() {
            "/" => reply(302, &[("Location", location)], ""),
            _ => links(&[("user", USER)]),
        })
        .await;
        let hosts = [
            (INTERNAL, internal.address),
            (EXTERNAL, nowhere().await),
            ("lyncweb.contoso.test", web.address),
            ("evilcontoso.test", web.address),
        ];
        let found = http(&identity, &hosts).discover().await;
        assert_eq!(found.is_ok(), followed, "{location}: {found:?}");
    }
    assert_eq!(web.seen().len(), 1);
}

#[tokio::test]
async fn a_root_may_move_on_its_own_host_only() {
    let moved = Stage::http(|_, _| links(&[("user", "/user")])).await;
    let port = moved.address.port();
    for (host, followed) in [("127.0.0.1", true), ("localhost", false)] {
        let to = format!("http://{host}:{port}/root");
        let stage = Stage::http(move |_, _| reply(302, &[("Location", &to)], "")).await;
        let found = door(&stage, Answers::none()).discover().await;
        assert_eq!(found.ok(), followed.then(|| moved.url("/user")), "{host}");
    }
    assert_eq!(moved.seen().len(), 1);
}

#[tokio::test]
async fn redirects_that_do_not_end() {
    let identity = identity();
    let by_link = Stage::https(&identity, |_, _| links(&[("user", USER), ("redirect", "/")])).await;
    let by_http = Stage::https(&identity, |_, _| reply(302, &[("Location", "/")], "")).await;
    let http = http(&identity, &[(INTERNAL, by_link.address), (EXTERNAL, by_http.address)]);
    let error = http.discover().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
    assert_eq!((by_link.seen().len(), by_http.seen().len()), (4, 4));
}

#[tokio::test]
async fn a_redirect_link_is_followed_before_anything_else() {
    let identity = identity();
    let web = Stage::https(&identity, |request, _| match request.path() {
        "/there" => links(&[("user", "/homed/user")]),
        _ => links(&[("user", "https://evil.test/user"), ("redirect", "https://lyncweb.contoso.test/there")]),
    })
    .await;
    let http = http(&identity, &[(INTERNAL, web.address), ("lyncweb.contoso.test", web.address)]);
    assert_eq!(http.discover().await.unwrap(), url("https://lyncweb.contoso.test/homed/user"));
    assert!(http.check_origin(&url("https://evil.test/")).is_err());
}

#[tokio::test]
async fn a_root_that_wants_credentials_is_the_user_resource() {
    let stage = Stage::http(|request, _| match request.path() {
        "/root" => reply(302, &[("Location", "/real")], ""),
        _ => challenge("/token"),
    })
    .await;
    assert_eq!(door(&stage, Answers::none()).discover().await.unwrap(), stage.url("/real"));
    let stage = Stage::http(|_, _| links(&[("applications", "/apps")])).await;
    assert_eq!(door(&stage, Answers::none()).discover().await.unwrap(), stage.url("/root"));
}

#[tokio::test]
async fn a_root_that_is_busy_is_asked_again() {
    let stage = Stage::http(|_, before| match before {
        0 => reply(503, &[("Retry-After", "0")], ""),
        _ => links(&[("user", "/user")]),
    })
    .await;
    assert_eq!(door(&stage, Answers::none()).discover().await.unwrap(), stage.url("/user"));
}

#[tokio::test]
async fn when_nothing_is_found_every_reason_is_told() {
    let (good, other) = (identity(), identity());
    let internal = Stage::https(&other, root).await;
    let hosts = [(INTERNAL, internal.address), (EXTERNAL, nowhere().await)];
    let error = http(&good, &hosts).discover().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Discovery, true));
    let text = error.to_string();
    for part in
        ["Contoso.test", INTERNAL, "unknown authority", EXTERNAL, "refused", "add_root_certs_pem", "firewall"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_is_no_domain() {
    let bad = [
        "",
        ".",
        "contoso.com.",
        ".contoso.com",
        "contoso.com:443",
        "a/b",
        "a@b",
        "a b",
        "a?b",
        "a#b",
        "ana\\b",
        "[::1]",
        "a.1",
        "a%2fb",
        "a..b\r\nX: y",
    ];
    for domain in bad {
        let error = Http::new(settings(Entry::Domain(domain.to_owned())), Answers::none()).err();
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::InvalidArgument), "{domain:?}");
    }
    for domain in ["contoso.com", "CONTOSO.com", "localhost", "bücher.example"] {
        assert!(Http::new(settings(Entry::Domain(domain.to_owned())), Answers::none()).is_ok(), "{domain}");
    }
}
