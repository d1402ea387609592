//! Bodies and heads that are too large, broken, or not UCWA's own.

use super::stage::{Reply, Stage, html, json, reply};
use super::*;

#[tokio::test]
async fn a_body_that_is_too_large_is_cut() {
    let claimed = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    let mut chunked = String::from(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    chunked.push_str("400\r\n");
    chunked.push_str(&"x".repeat(0x400));
    chunked.push_str("\r\n1\r\nx\r\n");
    // The connection stays open: it is the limit that ends the reading, not the end of the body.
    for answer in [claimed.to_owned(), chunked] {
        let stage = Stage::http(move |_, _| Reply::Send(answer.clone().into_bytes())).await;
        let http = door_with(&stage, Answers::none(), |settings| settings.max_body = 0x400);
        let error = http.send(Call::get(stage.url("/x"))).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(200)), "{error}");
        assert!(error.came().contains("1024"), "{error}");
        assert_eq!(stage.count("/x"), 1);
    }
    let stage = Stage::http(|_, _| json(200, &"x".repeat(0x400))).await;
    let http = door_with(&stage, Answers::none(), |settings| settings.max_body = 0x400);
    assert_eq!(http.send(Call::get(stage.url("/x"))).await.unwrap().body.len(), 0x400);
}

#[tokio::test]
async fn a_page_for_people_is_no_answer() {
    let stage = Stage::http(|_, _| html(200)).await;
    for call in [Call::get(stage.url("/x")), Call::post(stage.url("/x"), None)] {
        let error = door(&stage, Answers::none()).send(call).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(200)));
        assert!(error.came().contains("text/html"), "{error}");
    }
}

#[tokio::test]
async fn what_a_body_is() {
    // Content-Type, body, content
    let table = [
        (Some("application/json"), "{}", Content::Json),
        (Some("Application/JSON;charset='utf-8'"), "{}", Content::Json),
        (Some("application/vnd.microsoft.com.ucwa+json; charset=utf-8"), "{}", Content::Json),
        (Some("application/vnd.microsoft.ucwa+json"), "{}", Content::Json),
        (
            Some("application/json; type=\"application/vnd.microsoft.com.ucwa+json\"; charset=utf-8"),
            "{}",
            Content::Json,
        ),
        (Some("application/json"), "", Content::None),
        (Some("text/html"), "", Content::None),
        (Some("application/xml"), "<x/>", Content::Other),
        (Some("application/jsonp"), "x", Content::Other),
        (None, "{}", Content::Other),
    ];
    for (kind, body, content) in table {
        let stage = Stage::http(move |_, _| match kind {
            Some(kind) => reply(200, &[("content-type", kind)], body),
            None => reply(200, &[], body),
        })
        .await;
        let answer = door(&stage, Answers::none()).send(Call::get(stage.url("/x"))).await.unwrap();
        assert_eq!(answer.content, content, "{kind:?} {body:?}");
        assert_eq!(answer.json().is_ok(), content == Content::Json);
    }
}

#[tokio::test]
async fn successes_without_a_body() {
    for status in [200, 201, 202, 204, 304] {
        let stage = Stage::http(move |_, _| {
            Reply::Send(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n").into())
        })
        .await;
        let http = door(&stage, Answers::none());
        let answer = http.send(Call::post(stage.url("/x"), None)).await.unwrap();
        assert_eq!((answer.status, answer.content), (status, Content::None));
        let error = answer.json().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert_eq!(stage.seen()[0].header("content-length"), Some("0"));
    }
}

#[tokio::test]
async fn what_is_no_http_is_an_error() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(5000));
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(2 << 20));
    let broken = [
        "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
        "HTTP/1.1 two hundred\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "\0\u{1}\u{2}".to_owned(),
        many,
        long,
    ];
    for answer in broken {
        let shown: String = answer.chars().take(40).collect();
        let stage = Stage::http(move |_, _| Reply::Break(answer.clone().into_bytes())).await;
        let call = Call::get(stage.url("/x")).with_retry(Retry::Never);
        let error = door(&stage, Answers::none()).send(call).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{shown}: {error}");
    }
}

#[tokio::test]
async fn what_may_not_stand_in_a_header_is_refused() {
    let stage = Stage::http(|_, _| json(200, "{}")).await;
    let body = Payload { content_type: "text/plain\r\nX: y".to_owned(), bytes: Default::default() };
    let error =
        door(&stage, Answers::none()).send(Call::post(stage.url("/x"), Some(body))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let mut settings = settings(Entry::Domain("contoso.com".into()));
    settings.user_agent = "me\r\nX: y".to_owned();
    let error = Http::new(settings, Answers::none()).err().unwrap();
    assert_eq!((error.kind(), error.tried()), (ErrorKind::InvalidArgument, "user agent"));
    assert!(stage.seen().is_empty());
}
