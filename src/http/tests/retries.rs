//! What is tried again, what is not, and what is said in the end.

use super::stage::{Reply, Stage, html, json, reply};
use super::*;

const BUSY: &str = r#"{"code":"ServiceUnavailable","message":"Busy."}"#;

#[tokio::test]
async fn busy_with_retry_after_and_then_well() {
    let stage = Stage::http(|_, before| match before {
        0 => reply(503, &[("Retry-After", "0"), ("Content-Type", "application/json")], BUSY),
        1 => reply(429, &[("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")], ""),
        _ => json(200, "{}"),
    })
    .await;
    let answer = door(&stage, Answers::none()).send(Call::get(stage.url("/thing"))).await.unwrap();
    assert_eq!((answer.status, stage.count("/thing")), (200, 3));
}

#[tokio::test]
async fn a_longer_wish_than_ours_is_passed_on() {
    let busy = [("Retry-After", "60"), ("Content-Type", "application/json")];
    let stage = Stage::http(move |_, _| reply(503, &busy, BUSY)).await;
    let error = door(&stage, Answers::none()).send(Call::get(stage.url("/thing"))).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Server, Some(503)));
    assert_eq!((error.is_retryable(), error.retry_after()), (true, Some(Duration::from_secs(60))));
    assert_eq!(stage.count("/thing"), 1);
}

#[tokio::test]
async fn how_often_is_up_to_the_call_and_the_policy() {
    let stage = Stage::http(|_, _| json(503, BUSY)).await;
    let http = door(&stage, Answers::none());
    for (retry, path, count) in [(Retry::Safe, "/a", 3), (Retry::Once, "/b", 1), (Retry::Never, "/c", 1)] {
        let call = Call::get(stage.url(path)).with_retry(retry);
        assert_eq!(http.send(call).await.unwrap_err().reason().unwrap().code, "ServiceUnavailable");
        assert_eq!(stage.count(path), count, "{retry:?}");
    }
}

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_not_repeated() {
    // before, within and after the head of the answer
    let head = "HTTP/1.1 201 Created\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{";
    for (sent, status) in [("", None), ("HTTP/1.1 201 Cre", None), (head, Some(201))] {
        let stage = Stage::http(move |_, _| Reply::Break(sent.into())).await;
        let call = Call::post(stage.url("/make"), Some(Payload::json("{}")));
        let error = door(&stage, Answers::none()).send(call).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Network, status), "{error}");
        assert!(error.is_retryable());
        assert_eq!(stage.count("/make"), 1, "{sent}");
    }
}

#[tokio::test]
async fn a_get_whose_answer_was_lost_is_repeated() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{";
    let stage = Stage::http(move |_, before| match before {
        0 => Reply::Break(Vec::new()),
        1 => Reply::Break(head.into()),
        _ => json(200, "{}"),
    })
    .await;
    let answer = door(&stage, Answers::none()).send(Call::get(stage.url("/thing"))).await.unwrap();
    assert_eq!((&answer.body[..], stage.count("/thing")), (&b"{}"[..], 3));
}

#[tokio::test]
async fn an_operation_that_has_to_wait_for_another_is_repeated() {
    let stage = Stage::http(|_, before| match before {
        0 => json(409, r#"{"code":"Conflict","subcode":"AnotherOperationPending"}"#),
        _ => reply(201, &[("Location", "/invitations/7")], ""),
    })
    .await;
    let answer = door(&stage, Answers::none()).send(Call::post(stage.url("/make"), None)).await.unwrap();
    assert_eq!((answer.status, stage.count("/make")), (201, 2));
    assert_eq!(answer.location.unwrap().as_str(), "/invitations/7");
}

#[tokio::test]
async fn no_answer_in_time() {
    let stage = Stage::http(|_, _| Reply::Silence).await;
    let call =
        Call::get(stage.url("/events")).with_timeout(Duration::from_millis(30)).with_retry(Retry::Never);
    let error = door(&stage, Answers::none()).send(call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_retryable() && error.came().contains("in time"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let stage = Stage::http(|_, _| json(200, "{}")).await;
    let gone = url(&format!("http://{}/root", nowhere().await));
    let http = door_with(&stage, Answers::none(), |settings| settings.entry = Entry::Root(gone.clone()));
    let error = http.send(Call::post(gone.clone(), None)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.is_retryable());
    assert!(error.tried().starts_with("POST http://127.0.0.1:"), "{error}");
    assert!(error.came().contains("no connection") && error.came().contains("refused"), "{error}");
    assert!(error.advice().contains("firewall"), "{error}");
    assert_eq!(http.discover().await.unwrap_err().kind(), ErrorKind::Network);
}

#[tokio::test]
async fn errors_by_status_and_body() {
    let gone = r#"{"code":"NotFound","subcode":"ApplicationNotFound","message":"Gone."}"#;
    // answer, kind, its reason's subcode, may come again
    type Make = fn() -> Reply;
    let table: [(u16, Make, ErrorKind, Option<&str>, bool); 9] = [
        (
            404,
            || json(404, r#"{"code":"NotFound","subcode":"ApplicationNotFound","message":"Gone."}"#),
            ErrorKind::Server,
            Some("ApplicationNotFound"),
            false,
        ),
        (410, || json(410, r#"{"code":"Gone"}"#), ErrorKind::Server, Some(""), false),
        (404, || html(404), ErrorKind::Protocol, None, false),
        (404, || reply(404, &[], ""), ErrorKind::Server, None, false),
        (403, || reply(403, &[("Content-Type", "text/plain")], "no"), ErrorKind::Protocol, None, false),
        (429, || json(429, r#"{"code":"TooManyRequests"}"#), ErrorKind::Throttled, Some(""), true),
        (502, || html(502), ErrorKind::Protocol, None, true),
        (500, || json(500, "{broken"), ErrorKind::Server, None, true),
        (300, || json(300, "{}"), ErrorKind::Protocol, None, false),
    ];
    for (status, make, kind, subcode, again) in table {
        let stage = Stage::http(move |_, _| make()).await;
        let call = Call::post(stage.url("/x?key=s3cret"), None);
        let error = door(&stage, Answers::none()).send(call).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{error}");
        assert_eq!(error.reason().map(|reason| reason.subcode.as_str()), subcode, "{error}");
        assert_eq!(error.is_retryable(), again, "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    let marks = [
        ("Content-Type", "application/vnd.microsoft.com.ucwa+json"),
        ("X-Ms-diagnostics", "28020;reason=\"No valid security token.\""),
        ("X-MS-Server-Fqdn", "fe1.contoso.com"),
    ];
    let stage = Stage::http(move |_, _| reply(404, &marks, gone)).await;
    let error = door(&stage, Answers::none()).send(Call::get(stage.url("/x"))).await.unwrap_err();
    assert!(error.came().contains("HTTP 404 NotFound/ApplicationNotFound: Gone."), "{error}");
    let marks = error.diagnostics().unwrap();
    assert!(marks.contains("fe1.contoso.com") && marks.contains("28020"), "{marks}");
}
