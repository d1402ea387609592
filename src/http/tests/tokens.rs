//! Renewal: once for all who wait, and never without end.

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::stage::{Reply, Stage, challenge, json, token};
use super::*;

/// Sends the same GET so many times at once.
async fn together(http: &Http, url: &Url, count: usize) -> Vec<Result<Answer, Error>> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (http, url) = (http.clone(), url.clone());
        tasks.spawn(async move { http.send(Call::get(url)).await });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn ten_refused_at_once_make_one_token_request() {
    let all_there = Arc::new(Barrier::new(10));
    let stage = Stage::http(move |request, before| match (request.path(), request.token()) {
        ("/thing", Some("cwt=2")) => json(200, "{}"),
        ("/thing", Some("cwt=1")) if before == 1 => json(200, "{}"),
        ("/thing", Some("cwt=1")) => Reply::Together(all_there.clone(), Box::new(challenge("/token"))),
        ("/thing", None) => challenge("/token"),
        ("/token", _) => token(&format!("cwt={}", before + 1)),
        other => panic!("{other:?}"),
    })
    .await;
    let http = door(&stage, Answers::password());
    http.send(Call::get(stage.url("/thing"))).await.unwrap();
    assert_eq!(stage.count("/token"), 1);
    for answer in together(&http, &stage.url("/thing"), 10).await {
        assert_eq!(answer.unwrap().status, 200);
    }
    assert_eq!(stage.count("/token"), 2);
    assert_eq!(stage.count("/thing"), 2 + 20);
}

#[tokio::test]
async fn ten_refused_at_once_send_a_wrong_password_once() {
    let all_there = Arc::new(Barrier::new(10));
    let stage = Stage::http(move |request, _| match request.path() {
        "/thing" => Reply::Together(all_there.clone(), Box::new(challenge("/token"))),
        _ => json(400, r#"{"error":"invalid_grant"}"#),
    })
    .await;
    let source = Answers::new([password("wr0ng")]);
    let http = door(&stage, source.clone());
    for answer in together(&http, &stage.url("/thing"), 10).await {
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Auth);
    }
    assert_eq!(stage.count("/token"), 1);
    assert_eq!(source.asked().len(), 2);
}

#[tokio::test]
async fn a_post_is_repeated_after_its_401() {
    let stage = Stage::http(|request, before| match (request.path(), request.token(), before) {
        ("/make", Some("cwt=1"), 1) => json(201, "{}"),
        ("/make", Some("cwt=2"), _) => json(201, "{}"),
        ("/make", ..) => challenge("/token"),
        ("/token", ..) => token(&format!("cwt={}", before + 1)),
        other => panic!("{other:?}"),
    })
    .await;
    let http = door(&stage, Answers::password());
    for _ in 0..2 {
        let call = Call::post(stage.url("/make"), Some(Payload::json(r#"{"a":1}"#)));
        assert_eq!(http.send(call).await.unwrap().status, 201);
    }
    assert_eq!((stage.count("/make"), stage.count("/token")), (4, 2));
    assert!(stage.seen().iter().filter(|r| r.path() == "/make").all(|r| r.body == r#"{"a":1}"#));
}

#[tokio::test]
async fn a_server_that_refuses_its_own_tokens_is_left_alone() {
    let stage = Stage::http(|request, before| match request.path() {
        "/token" => token(&format!("cwt={before}")),
        _ => challenge("/token"),
    })
    .await;
    let http = door(&stage, Answers::password());
    let error = http.send(Call::get(stage.url("/thing"))).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Auth, Some(401)));
    assert_eq!((stage.count("/token"), stage.count("/thing")), (1, 2));
}

#[tokio::test]
async fn one_resource_that_always_refuses_costs_no_more_than_a_token() {
    let stage = Stage::http(|request, before| match (request.path(), request.token()) {
        ("/token", _) => token(&format!("cwt={before}")),
        ("/good", Some(_)) => json(200, "{}"),
        _ => challenge("/token"),
    })
    .await;
    let http = door(&stage, Answers::password());
    http.send(Call::get(stage.url("/good"))).await.unwrap();
    let error = http.send(Call::get(stage.url("/bad"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!((stage.count("/token"), stage.count("/bad")), (2, 2));
}

#[tokio::test]
async fn it_does_so_even_while_others_prove_the_token_good() {
    let proven = Arc::new(Barrier::new(2));
    let wait = proven.clone();
    let stage = Stage::http(move |request, before| match (request.path(), request.token()) {
        ("/token", _) => token(&format!("cwt={before}")),
        ("/good", Some(_)) => json(200, "{}"),
        ("/bad", Some("cwt=1")) => Reply::Together(wait.clone(), Box::new(challenge("/token"))),
        _ => challenge("/token"),
    })
    .await;
    let http = door(&stage, Answers::password());
    http.send(Call::get(stage.url("/good"))).await.unwrap();
    let bad = tokio::spawn({
        let (http, url) = (http.clone(), stage.url("/bad"));
        async move { http.send(Call::get(url)).await }
    });
    while stage.count("/bad") < 2 {
        tokio::task::yield_now().await;
    }
    http.send(Call::get(stage.url("/good"))).await.unwrap();
    proven.wait().await;
    assert_eq!(bad.await.unwrap().unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!((stage.count("/token"), stage.count("/bad")), (2, 2));
}

#[tokio::test]
async fn a_refused_token_is_not_shown_again() {
    let stage = Stage::http(|request, before| match (request.path(), request.token(), before) {
        ("/token", ..) => token("cwt=1"),
        ("/thing", Some(_), 1) => json(200, "{}"),
        _ => challenge("/token"),
    })
    .await;
    let http = door(&stage, Answers::new([password("s3cret")]));
    http.send(Call::get(stage.url("/thing"))).await.unwrap();
    for _ in 0..3 {
        let error = http.send(Call::get(stage.url("/thing"))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialsNeeded);
    }
    let shown = stage.seen().iter().filter(|request| request.token().is_some()).count();
    assert_eq!(shown, 2);
}

#[tokio::test]
async fn a_renewal_given_up_in_the_middle_holds_up_nobody() {
    let stage = Stage::http(|request, before| match (request.path(), request.token()) {
        ("/token", _) if before == 0 => Reply::Silence,
        ("/token", _) => token("cwt=1"),
        (_, None) => challenge("/token"),
        _ => json(200, "{}"),
    })
    .await;
    let http = door(&stage, Answers::password());
    let first = tokio::spawn({
        let (http, url) = (http.clone(), stage.url("/thing"));
        async move { http.send(Call::get(url)).await }
    });
    while stage.count("/token") == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(http.send(Call::get(stage.url("/thing"))).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_while_requests_go_on() {
    let stage = Stage::http(|request, before| match (request.path(), request.token()) {
        ("/token", _) if before == 0 => json(200, r#"{"access_token":"cwt=1","expires_in":"4"}"#),
        ("/token", _) => token("cwt=2"),
        ("/thing", None) => challenge("/token"),
        ("/thing", Some(_)) => json(200, "{}"),
        other => panic!("{other:?}"),
    })
    .await;
    let http = door(&stage, Answers::password());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while stage.seen().last().and_then(|last| last.token().map(str::to_owned)).as_deref() != Some("cwt=2") {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", stage.seen());
        http.send(Call::get(stage.url("/thing"))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(stage.count("/token"), 2);
    let unauthorized = stage.seen().iter().filter(|r| r.path() == "/thing" && r.token().is_none()).count();
    assert_eq!(unauthorized, 1);
}

#[tokio::test]
async fn dropping_the_door_withdraws_a_question_that_nobody_answers() {
    /// Gives a token of four seconds, and then never answers again.
    struct Person(Arc<()>, Mutex<u32>);
    impl CredentialSource for Person {
        fn ask(&self, _: Question) -> Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send>> {
            let (alive, mut asked) = (self.0.clone(), self.1.lock());
            *asked += 1;
            let expires_in = Some(Duration::from_secs(4));
            match *asked {
                1 => Box::pin(ready(Ok(Credentials::Token { token: "short".into(), expires_in }))),
                _ => Box::pin(async move {
                    let _alive = alive;
                    std::future::pending().await
                }),
            }
        }
    }
    let stage = Stage::http(|request, _| match request.token() {
        None => challenge("/token"),
        Some(_) => json(200, "{}"),
    })
    .await;
    let alive = Arc::new(());
    let mut settings = settings(Entry::Root(stage.url("/root")));
    settings.allow_http = true;
    let http = Http::new(settings, Arc::new(Person(alive.clone(), Mutex::new(0)))).unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    // The question is asked beside the requests, which go on with the old token.
    while Arc::strong_count(&alive) < 3 {
        assert!(tokio::time::Instant::now() < deadline);
        assert_eq!(http.send(Call::get(stage.url("/thing"))).await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(http);
    while Arc::strong_count(&alive) > 1 {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
