//! No record of the log, no error and no `Debug` text holds a secret.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::stage::{Stage, challenge, json, links, reply, token};
use super::*;

/// Writes every record down.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0.lock(), "{}={value:?} ", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
        self.0.lock().push_str(event.metadata().target());
        self.0.lock().push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn the_log_holds_what_happened_and_no_secret() {
    let log = Log::default();
    // With one subscriber alive, a record's place in the code that another test's thread comes to first would stay silent
    // for all; with two, each is asked.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    let stage = Stage::http(|request, before| match (request.path(), request.token()) {
        ("/root", _) => links(&[("user", "/user?key=s3cret-query")]),
        ("/token", _) if request.body.contains("s3cret-password") => token("cwt=s3cret-token"),
        ("/token", _) => json(400, r#"{"error":"invalid_grant"}"#),
        (_, None) => challenge("/token?s3cret-query"),
        ("/user", _) => links(&[("applications", "/apps?s3cret-query")]),
        ("/busy", _) if before == 1 => reply(503, &[("Retry-After", "0")], "s3cret-body"),
        ("/go", _) => reply(307, &[("Location", "/busy?s3cret-query")], ""),
        _ => json(200, r#"{"token":"s3cret-body"}"#),
    })
    .await;
    let http = door(&stage, Answers::new([password("s3cret-wrong"), password("s3cret-password")]));
    let user = http.discover().await.unwrap();
    let found = http.sign_in(&user).await.unwrap();
    let call = Call::post(found.applications, Some(Payload::json(r#"{"a":"s3cret-payload"}"#)));
    let shown = format!("{call:?}");
    let answer = http.send(call).await.unwrap();
    let shown = format!("{shown} {answer:?}");
    http.send(Call::get(stage.url("/busy"))).await.unwrap();
    http.send(Call::get(stage.url("/go"))).await.unwrap();
    assert!(stage.seen().iter().any(|seen| seen.body.contains("s3cret-password")));

    let log = log.0.lock().clone();
    let steps = ["discovery", "redirect", "challenge", "token"].map(|step| format!("step=\"{step}\""));
    let parts = ["getting a token", "answered", "trying again", "/apps", "ucwa::http", "ucwa::sign_in"];
    for part in parts.into_iter().chain(steps.iter().map(String::as_str)) {
        assert!(log.contains(part), "{part} in {log}");
    }
    assert!(!log.contains("s3cret"), "{log}");
    assert!(!shown.contains("s3cret") && shown.contains("/apps"), "{shown}");
}
