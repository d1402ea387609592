//! Challenge, credentials, token, `user` again (PROTOCOL 2).

use super::stage::{BEARER, Seen, Stage, challenge, json, links, reply, token};
use super::*;

/// root -> user -> (401, token) -> applications, all on one server; takes the password `s3cret`.
fn ordinary(request: &Seen) -> stage::Reply {
    match (request.path(), request.token()) {
        ("/root", _) => links(&[("user", "/user?originalDomain=contoso.com"), ("xframe", "/xframe")]),
        ("/user", None) => challenge("/token"),
        ("/user", Some("cwt=1")) => links(&[("applications", "/apps")]),
        ("/token", _) if request.body.contains("password=s3cret") => token("cwt=1"),
        ("/token", _) => json(400, r#"{"error":"invalid_grant"}"#),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn from_the_root_to_applications() {
    let stage = Stage::http(|request, _| ordinary(request)).await;
    let source = Answers::password();
    let http = door(&stage, source.clone());
    let user = http.discover().await.unwrap();
    assert_eq!(user, stage.url("/user?originalDomain=contoso.com"));
    let found = http.sign_in(&user).await.unwrap();
    assert_eq!(found.applications, stage.url("/apps"));
    assert_eq!((found.user, found.revision.as_str()), (user, "1"));

    let seen = stage.seen();
    let paths: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
    let user = "/user?originalDomain=contoso.com";
    assert_eq!(paths, ["/root", user, "/token", user]);
    let form = &seen[2];
    assert_eq!(form.method, "POST");
    assert_eq!(form.body, "grant_type=password&username=lenea%40contoso.com&password=s3cret");
    let kind = form.header("content-type").unwrap();
    assert_eq!(kind, "application/x-www-form-urlencoded;charset=UTF-8");
    assert_eq!(form.header("authorization"), None);
    for request in &seen {
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        assert!(request.header("user-agent").unwrap().starts_with("libucwa/"));
        assert_eq!(request.header("cookie"), None);
    }
    assert_eq!(
        source.asked(),
        [Question {
            kind: Wanted::Password,
            attempt: 1,
            resource: format!("http://{}", stage.address),
            authority: "00000002-0000-0ff1-ce00-000000000000@contoso.com".to_owned(),
            client_id: "00000004-0000-0ff1-ce00-000000000000".to_owned(),
        }]
    );
}

#[tokio::test]
async fn the_order_of_the_challenges_does_not_matter() {
    for swapped in [false, true] {
        let stage = Stage::http(move |request, _| match (request.path(), request.token()) {
            ("/user", None) => {
                let ms_rtc = "MsRtcOAuth href=/token,grant_type=\"password\"";
                let (one, two) = if swapped { (ms_rtc, BEARER) } else { (BEARER, ms_rtc) };
                reply(401, &[("WWW-Authenticate", one), ("www-authenticate", two)], "")
            }
            _ => ordinary(request),
        })
        .await;
        let http = door(&stage, Answers::password());
        let found = http.sign_in(&stage.url("/user")).await.unwrap();
        assert_eq!(found.applications, stage.url("/apps"), "swapped: {swapped}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_again() {
    let stage = Stage::http(|request, _| ordinary(request)).await;
    let source = Answers::new([password("wr0ng"), password("s3cret")]);
    let http = door(&stage, source.clone());
    http.sign_in(&stage.url("/user")).await.unwrap();
    let attempts: Vec<_> = source.asked().iter().map(|question| question.attempt).collect();
    assert_eq!(attempts, [1, 2]);
}

#[tokio::test]
async fn a_wrong_password_without_a_better_one_says_what_the_server_said() {
    let stage = Stage::http(|request, _| ordinary(request)).await;
    for (given, requests) in [(1, 1), (2, 3), (5, 6)] {
        let http = door(&stage, Answers::new((0..given).map(|_| password("wr0ng-pa55"))));
        let error = http.sign_in(&stage.url("/user")).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Auth, Some(400)));
        assert!(error.came().contains("invalid_grant"), "{error}");
        assert!(!format!("{error:?}").contains("wr0ng-pa55"), "{error:?}");
        assert_eq!(stage.count("/token"), requests, "{given} answers");
    }
}

#[tokio::test]
async fn other_words_of_the_token_endpoint() {
    // body, status, kind, may come again
    let table = [
        (r#"{"error":"unsupported_grant_type"}"#, 400, ErrorKind::Auth, false),
        (r#"{"error":"server_error"}"#, 400, ErrorKind::Server, true),
        (r#"{"access_token":7}"#, 200, ErrorKind::Protocol, false),
        ("{", 400, ErrorKind::Protocol, false),
        ("{}", 503, ErrorKind::Server, true),
    ];
    for (body, status, kind, again) in table {
        let stage = Stage::http(move |request, _| match request.path() {
            "/token" => json(status, body),
            _ => ordinary(request),
        })
        .await;
        let source = Answers::password();
        let error = door(&stage, source.clone()).sign_in(&stage.url("/user")).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (kind, again), "{body}: {error}");
        assert_eq!((stage.count("/token"), source.asked().len()), (1, 1), "{body}");
    }
}

#[tokio::test]
async fn a_password_is_not_sent_on_by_a_redirect() {
    let stage = Stage::http(|request, _| match request.path() {
        "/token" => reply(307, &[("Location", "/elsewhere")], ""),
        _ => ordinary(request),
    })
    .await;
    let error = door(&stage, Answers::password()).sign_in(&stage.url("/user")).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(307)));
    assert!(error.came().contains("not sent on"), "{error}");
    assert_eq!(stage.count("/elsewhere"), 0);
}

#[tokio::test]
async fn a_server_without_passwords_is_given_a_token() {
    let stage = Stage::http(|request, _| match (request.path(), request.token()) {
        ("/user", Some("from-azure")) => links(&[("applications", "/apps")]),
        ("/user", _) => {
            let challenge = r#"Bearer authorization_uri="https://login.example/authorize", client_id="0004""#;
            let windows = r#"MsRtcOAuth href="/token",grant_type="urn:microsoft.rtc:windows""#;
            reply(401, &[("WWW-Authenticate", windows), ("WWW-Authenticate", challenge)], "")
        }
        other => panic!("{other:?}"),
    })
    .await;
    let source = Answers::new([bearer("stale"), bearer("from-azure")]);
    door(&stage, source.clone()).sign_in(&stage.url("/user")).await.unwrap();
    let question = |attempt| Question {
        kind: Wanted::Bearer,
        attempt,
        resource: format!("http://{}", stage.address),
        authority: "https://login.example/authorize".to_owned(),
        client_id: "0004".to_owned(),
    };
    assert_eq!(source.asked(), [question(1), question(2)]);

    // refused without end: three are asked for; without another one: the refusal is the news
    for (given, asked) in [(7, 3), (1, 2)] {
        let source = Answers::new((0..given).map(|_| bearer("t0ken-of-mine")));
        let error = door(&stage, source.clone()).sign_in(&stage.url("/user")).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Auth, Some(401)));
        assert_eq!(source.asked().len(), asked);
        assert!(!format!("{error:?}").contains("t0ken-of-mine"), "{error:?}");
    }
    let error = door(&stage, Answers::password()).sign_in(&stage.url("/user")).await.unwrap_err();
    assert!(error.came().contains("no password"), "{error}");
    let error = door(&stage, Answers::new([bearer("two\r\nlines: 1")])).sign_in(&stage.url("/user")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Auth);
    let error = door(&stage, Answers::none()).sign_in(&stage.url("/user")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsNeeded);
}

#[tokio::test]
async fn a_server_that_takes_neither_is_named_with_its_ways() {
    let table = [
        (
            r#"MsRtcOAuth href="/token",grant_type="urn:microsoft.rtc:windows,urn:x:y""#,
            "rtc:windows, urn:x:y",
        ),
        ("Negotiate", "without a challenge"),
    ];
    for (challenge, said) in table {
        let stage = Stage::http(move |_, _| reply(401, &[("WWW-Authenticate", challenge)], "")).await;
        let source = Answers::password();
        let error = door(&stage, source.clone()).sign_in(&stage.url("/user")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.came().contains(said), "{error}");
        assert!(source.asked().is_empty());
    }
}

#[tokio::test]
async fn a_user_homed_elsewhere_gets_a_token_of_that_place() {
    let home = Stage::http(|request, _| match (request.path(), request.token()) {
        ("/root", None) => links(&[("user", "/user")]),
        ("/user", None) => challenge("/token"),
        ("/user", Some("cwt=home")) => links(&[("applications", "/apps")]),
        ("/token", _) => token("cwt=home"),
        other => panic!("{other:?}"),
    })
    .await;
    let there = home.url("/root");
    let stage = Stage::http(move |request, _| match request.token() {
        Some("cwt=1") => links(&[("applications", "/wrong"), ("redirect", there.as_str())]),
        _ => ordinary(request),
    })
    .await;
    let found = door(&stage, Answers::password()).sign_in(&stage.url("/user")).await.unwrap();
    assert_eq!((found.applications, found.user), (home.url("/apps"), home.url("/user")));
}

#[tokio::test]
async fn redirects_after_authentication_are_bounded() {
    let stage = Stage::http(|request, _| match request.token() {
        Some(_) => links(&[("redirect", "/user")]),
        None => ordinary(request),
    })
    .await;
    let http = door_with(&stage, Answers::password(), |settings| settings.max_discovery_redirects = 3);
    let error = http.sign_in(&stage.url("/user")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(stage.count("/user"), 5); // without token, with token, three redirects
    let stage = Stage::http(|_, _| links(&[("user", "/user")])).await;
    let error = door(&stage, Answers::none()).sign_in(&stage.url("/user")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(stage.count("/user"), 2);
}

#[tokio::test]
async fn applications_elsewhere_get_a_token_of_their_own() {
    let pool = Stage::http(|request, _| match (request.path(), request.token()) {
        ("/apps", None) => challenge("/token"),
        ("/apps", Some("cwt=pool")) => json(201, r#"{"rel":"application"}"#),
        ("/token", None) => token("cwt=pool"),
        other => panic!("{other:?}"),
    })
    .await;
    let apps = pool.url("/apps");
    let stage = Stage::http(move |request, _| match request.token() {
        Some("cwt=1") => {
            json(200, &format!(r#"{{"_links":{{"applications":{{"href":"{apps}","revision":"2"}}}}}}"#))
        }
        _ => ordinary(request),
    })
    .await;
    let http = door(&stage, Answers::password());
    let found = http.sign_in(&stage.url("/user")).await.unwrap();
    assert_eq!(found.revision, "2");
    let call = Call::post(found.applications, Some(Payload::json(r#"{"culture":"en-US"}"#)));
    let answer = http.send(call).await.unwrap();
    assert_eq!((answer.status, answer.content), (201, Content::Json));
    let posts: Vec<_> = pool.seen().into_iter().filter(|request| request.path() == "/apps").collect();
    assert_eq!(posts.len(), 2);
    assert!(posts.iter().all(|post| post.body == r#"{"culture":"en-US"}"#));
    assert_eq!(posts[1].header("content-type"), Some("application/json"));
}
