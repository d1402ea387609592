//! Which way out: a proxy sees https as a tunnel, and plain http to this computer itself never.

use super::stage::{Stage, challenge, json, reply, token};
use super::*;

async fn server() -> Stage {
    Stage::http(|request, _| match (request.path(), request.token()) {
        ("/token", _) => token("cwt=1"),
        (_, None) => challenge("/token"),
        _ => json(200, "{}"),
    })
    .await
}

/// A proxy that lets nobody through.
async fn proxy() -> Stage {
    Stage::http(|_, _| reply(403, &[], "")).await
}

/// Asks this computer, with a token, and then the outside.
async fn ask_both(proxy: Proxy, here: Url) {
    let mut settings = settings(Entry::Root(here.clone()));
    settings.allow_http = true;
    settings.proxy = proxy.clone();
    let http = Http::new(settings.clone(), Answers::password()).unwrap();
    assert_eq!(http.send(Call::get(here)).await.unwrap().status, 200);
    settings.entry = Entry::Domain("contoso.invalid".to_owned());
    let error = Http::new(settings, Answers::none()).unwrap().discover().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
}

fn assert_only_tunnels(proxy: &Stage) {
    let asked: Vec<_> = proxy.seen().into_iter().map(|seen| (seen.method, seen.target)).collect();
    let connect = |host: &str| ("CONNECT".to_owned(), format!("{host}.contoso.invalid:443"));
    assert_eq!(asked, [connect("lyncdiscoverinternal"), connect("lyncdiscover")]);
}

#[tokio::test]
async fn a_configured_proxy() {
    let (server, proxy) = (server().await, proxy().await);
    ask_both(Proxy::Url(proxy.url("/")), server.url("/thing")).await;
    assert_only_tunnels(&proxy);
    assert_eq!(server.count("/thing"), 2);
}

/// Environment variables belong to a process, so another one plays the host.
#[tokio::test]
async fn the_proxy_of_the_system() {
    let (server, proxy) = (server().await, proxy().await);
    let mut host = std::process::Command::new(std::env::current_exe().unwrap());
    host.args(["--exact", "http::tests::proxies::as_a_process_of_its_own", "--ignored"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        host.env(name, proxy.url("/").as_str());
    }
    host.env_remove("no_proxy").env_remove("NO_PROXY").env_remove("REQUEST_METHOD");
    host.env("UCWA_TEST_SERVER", server.url("/thing").as_str());
    let output = tokio::task::spawn_blocking(move || host.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_only_tunnels(&proxy);
    assert_eq!(server.count("/thing"), 2);
}

#[tokio::test]
#[ignore = "played by the_proxy_of_the_system"]
async fn as_a_process_of_its_own() {
    let server = std::env::var("UCWA_TEST_SERVER").unwrap();
    ask_both(Proxy::System, url(&server)).await;
}
