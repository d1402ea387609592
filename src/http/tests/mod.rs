//! The door against a scripted server over real sockets.

mod discovery;
mod limits;
mod origins;
mod proxies;
mod retries;
mod secrets;
mod sign_in;
mod stage;
mod tls;
mod tokens;

use std::collections::VecDeque;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::Mutex;
use url::Url;

use super::*;
use crate::{Error, ErrorKind};
use stage::Stage;

/// A source with prepared answers, which writes down the questions.
#[derive(Default)]
struct Answers {
    prepared: Mutex<VecDeque<Credentials>>,
    asked: Mutex<Vec<Question>>,
}

impl Answers {
    fn new(answers: impl IntoIterator<Item = Credentials>) -> Arc<Answers> {
        Arc::new(Answers { prepared: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }

    fn none() -> Arc<Answers> {
        Answers::new([])
    }

    /// The same password again and again, as from a configuration.
    fn password() -> Arc<Answers> {
        Answers::new((0..100).map(|_| password("s3cret")))
    }

    fn asked(&self) -> Vec<Question> {
        self.asked.lock().clone()
    }
}

impl CredentialSource for Answers {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send>> {
        self.asked.lock().push(question);
        let answer = self.prepared.lock().pop_front();
        let nobody = || Error::new(ErrorKind::CredentialsNeeded, "ask", "nobody answers");
        Box::pin(ready(answer.ok_or_else(nobody)))
    }
}

fn password(password: &str) -> Credentials {
    Credentials::Password { user: "lenea@contoso.com".to_owned(), password: password.into() }
}

fn bearer(token: &str) -> Credentials {
    Credentials::Token { token: token.into(), expires_in: None }
}

/// No proxy, no patience, quick to try again.
fn settings(entry: Entry) -> Settings {
    Settings {
        proxy: Proxy::None,
        connect_timeout: Duration::from_secs(20),
        request_timeout: Duration::from_secs(20),
        retry: RetryPolicy {
            retries: 2,
            first_pause: Duration::from_millis(1),
            max_pause: Duration::from_secs(5),
        },
        ..Settings::new(entry)
    }
}

/// A door whose root is this plain http server.
fn door(stage: &Stage, source: Arc<Answers>) -> Http {
    door_with(stage, source, |_| {})
}

fn door_with(stage: &Stage, source: Arc<Answers>, change: impl FnOnce(&mut Settings)) -> Http {
    let mut settings = settings(Entry::Root(stage.url("/root")));
    settings.allow_http = true;
    change(&mut settings);
    Http::new(settings, source).unwrap()
}

/// An address where nobody listens.
async fn nowhere() -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn its_futures_can_be_spawned() {
    fn spawnable<T: Send>(_: impl FnOnce(Http, Url) -> T) {}
    spawnable(|http, _| async move { http.discover().await });
    spawnable(|http, url| async move { http.sign_in(&url).await });
    spawnable(|http, url| async move { http.send(Call::get(url)).await });
}
