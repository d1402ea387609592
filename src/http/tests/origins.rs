//! A token never goes to an origin that the sign-in did not lead to, whatever a server writes (trap T-45).

use super::stage::{Identity, Reply, Seen, Stage, challenge, json, links, reply, token};
use super::*;

/// A place that nobody may ask; it would answer everything.
async fn stranger() -> Stage {
    Stage::http(|_, _| json(200, "{}")).await
}

/// Gives a token to whoever has the password.
fn open(request: &Seen) -> Reply {
    match (request.path(), request.token()) {
        ("/token", _) => token("cwt=1"),
        (_, None) => challenge("/token"),
        _ => json(200, "{}"),
    }
}

/// A door that holds a token already.
async fn signed_in(stage: &Stage) -> Http {
    let http = door(stage, Answers::password());
    http.send(Call::get(stage.url("/warm"))).await.unwrap();
    http
}

#[tokio::test]
async fn a_link_to_another_port_is_refused() {
    let (stage, stranger) = (Stage::http(|request, _| open(request)).await, stranger().await);
    let http = signed_in(&stage).await;
    let elsewhere = stranger.url("/thing");
    for call in
        [Call::get(elsewhere.clone()), Call::post(elsewhere.clone(), None), Call::delete(elsewhere.clone())]
    {
        let error = http.send(call).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let wanted = format!("origins.trust=http://{}", stranger.address);
        assert!(error.advice().contains(&wanted), "{error}");
    }
    assert!(http.check_origin(&elsewhere).is_err());
    assert!(http.check_origin(&stage.url("/any")).is_ok());
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn an_http_redirect_to_another_origin_is_refused() {
    let stranger = stranger().await;
    let target = stranger.url("/thing");
    for status in [301, 302, 303, 307, 308] {
        let target = target.clone();
        let stage = Stage::http(move |request, _| match request.path() {
            "/go" => reply(status, &[("Location", target.as_str())], ""),
            _ => open(request),
        })
        .await;
        let http = signed_in(&stage).await;
        for call in [Call::get(stage.url("/go")), Call::post(stage.url("/go"), Some(Payload::json("{}")))] {
            let error = http.send(call).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{status}: {error}");
        }
    }
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn http_redirects_on_the_same_origin() {
    let stage = Stage::http(|request, _| match request.path() {
        "/302" | "/307" => reply(request.path()[1..].parse().unwrap(), &[("Location", "/there?a=b")], ""),
        "/loop" => reply(307, &[("Location", "/loop")], ""),
        "/lost" => reply(307, &[], ""),
        _ => open(request),
    })
    .await;
    let http = signed_in(&stage).await;
    let answer = http.send(Call::get(stage.url("/302"))).await.unwrap();
    assert_eq!(answer.url, stage.url("/there?a=b"));
    http.send(Call::post(stage.url("/307"), Some(Payload::json(r#"{"a":1}"#)))).await.unwrap();
    let last = stage.seen().pop().unwrap();
    assert_eq!((last.method.as_str(), last.path(), last.body.as_str()), ("POST", "/there", r#"{"a":1}"#));
    assert_eq!((last.header("content-type"), last.token()), (Some("application/json"), Some("cwt=1")));

    let there = stage.count("/there");
    for path in ["/302", "/loop", "/lost"] {
        let error = http.send(Call::post(stage.url(path), None)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{path}");
    }
    assert_eq!((stage.count("/there"), stage.count("/loop")), (there, 6));
}

#[tokio::test]
async fn documents_of_the_sign_in_are_trusted_and_others_are_not() {
    let stranger = stranger().await;
    let there = stranger.url("/x");
    let stage = Stage::http(move |request, _| match (request.path(), request.token()) {
        ("/thing", Some(_)) => links(&[("user", there.as_str()), ("applications", there.as_str())]),
        ("/user", Some(_)) => {
            links(&[("applications", "/apps"), ("xframe", there.as_str()), ("self", there.as_str())])
        }
        _ => open(request),
    })
    .await;
    let http = door(&stage, Answers::password());
    http.sign_in(&stage.url("/user")).await.unwrap();
    http.send(Call::get(stage.url("/thing"))).await.unwrap();
    assert!(http.send(Call::get(stranger.url("/x"))).await.is_err());
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn a_token_goes_to_its_own_origin_only() {
    let second = Stage::http(|request, _| match (request.path(), request.token()) {
        ("/token", _) => token("cwt=second"),
        (_, None) => challenge("/token"),
        (_, Some("cwt=second")) => json(200, "{}"),
        other => panic!("{other:?}"),
    })
    .await;
    let apps = second.url("/apps");
    let first = Stage::http(move |request, _| match (request.path(), request.token()) {
        ("/token", _) => token("cwt=first"),
        (_, None) => challenge("/token"),
        (_, Some("cwt=first")) => links(&[("applications", apps.as_str())]),
        other => panic!("{other:?}"),
    })
    .await;
    let http = door(&first, Answers::password());
    let apps = http.sign_in(&first.url("/user")).await.unwrap().applications;
    http.send(Call::get(apps)).await.unwrap();
    http.send(Call::get(first.url("/user"))).await.unwrap();
    let tokens = |stage: &Stage| {
        stage.seen().iter().filter_map(|seen| seen.token().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(tokens(&first), ["cwt=first", "cwt=first"]);
    assert_eq!(tokens(&second), ["cwt=second"]);
}

#[tokio::test]
async fn a_password_goes_where_a_trusted_challenge_says_but_not_away_from_this_computer() {
    let endpoint = Stage::http(|_, _| token("cwt=1")).await;
    let there = endpoint.url("/WebTicket/oauthtoken");
    let stage = Stage::http(move |request, _| match request.token() {
        None => challenge(there.as_str()),
        Some(_) => json(200, "{}"),
    })
    .await;
    door(&stage, Answers::password()).send(Call::get(stage.url("/x"))).await.unwrap();
    assert_eq!(endpoint.count("/WebTicket/oauthtoken"), 1);

    for endpoint in
        ["https://contoso.test/token", "http://contoso.test/token", "https://u:p@127.0.0.1/", "file:///token"]
    {
        let stage = Stage::http(move |_, _| challenge(endpoint)).await;
        let source = Answers::password();
        let error = door(&stage, source.clone()).send(Call::get(stage.url("/x"))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(source.asked().is_empty(), "{endpoint}");
    }
}

#[tokio::test]
async fn https_never_leads_down_to_http() {
    let identity = Identity::new(&["pool.contoso.test"]);
    let stranger = stranger().await;
    let there = stranger.url("/token").to_string();
    let stage = Stage::https(&identity, move |request, _| match (request.path(), request.token()) {
        ("/root", _) => links(&[("user", there.as_str())]),
        ("/go", Some(_)) => reply(307, &[("Location", there.as_str())], ""),
        ("/down", _) => challenge(there.as_str()),
        _ => open(request),
    })
    .await;
    let mut settings = settings(Entry::Root(url("https://pool.contoso.test/root")));
    settings.allow_http = true;
    settings.resolve = vec![("pool.contoso.test".to_owned(), stage.address)];
    settings.extra_roots_pem = vec![identity.authority_pem.clone()];
    let http = Http::new(settings, Answers::password()).unwrap();
    assert_eq!(http.discover().await.unwrap_err().kind(), ErrorKind::Protocol);
    for path in ["/go", "/down"] {
        let here = url("https://pool.contoso.test").join(path).unwrap();
        assert_eq!(http.send(Call::get(here)).await.unwrap_err().kind(), ErrorKind::Protocol, "{path}");
    }
    assert!(http.send(Call::get(stranger.url("/thing"))).await.is_err());
    assert!(stranger.seen().is_empty());
}

#[tokio::test]
async fn what_the_host_trusts_may_be_asked() {
    let identity = Identity::new(&["pool.contoso.test"]);
    let pool = Stage::https(&identity, |request, _| open(request)).await;
    let stage = stranger().await;
    let http = door_with(&stage, Answers::password(), |settings| {
        settings.trusted_origins = vec!["https://*.contoso.test".to_owned()];
        settings.resolve = vec![("pool.contoso.test".to_owned(), pool.address)];
        settings.extra_roots_pem = vec![identity.authority_pem.clone()];
    });
    http.send(Call::get(url("https://pool.contoso.test/thing"))).await.unwrap();
    assert_eq!(pool.count("/thing"), 2);
    assert!(http.send(Call::get(url("https://contoso.test/thing"))).await.is_err());
}

#[tokio::test]
async fn plain_http_is_refused_unless_allowed() {
    let stage = stranger().await;
    let mut settings = settings(Entry::Root(stage.url("/root")));
    let error = Http::new(settings.clone(), Answers::none()).err().unwrap();
    assert!(error.advice().contains("allow_http"), "{error}");
    settings.allow_http = true;
    settings.entry = Entry::Root(url("http://contoso.test/"));
    assert!(Http::new(settings, Answers::none()).is_err());
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn https_does_not_even_lead_down_to_a_trusted_place() {
    let identity = Identity::new(&["127.0.0.1"]);
    let below = Arc::new(Mutex::new(String::new()));
    let down = below.clone();
    let above = Stage::https(&identity, move |request, _| match request.path() {
        "/go" => reply(307, &[("Location", down.lock().as_str())], ""),
        _ => json(200, "{}"),
    })
    .await;
    let up = above.url("/user");
    let stage = Stage::http(move |_, _| links(&[("user", up.as_str())])).await;
    *below.lock() = stage.url("/thing").into();
    let http = door_with(&stage, Answers::none(), |settings| {
        settings.extra_roots_pem = vec![identity.authority_pem.clone()];
    });
    assert_eq!(http.discover().await.unwrap(), above.url("/user"));
    http.send(Call::get(above.url("/fine"))).await.unwrap();
    let error = http.send(Call::get(above.url("/go"))).await.unwrap_err();
    assert!(error.came().contains("leads down"), "{error}");
    assert_eq!(stage.count("/thing"), 0);
}
