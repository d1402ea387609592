//! Questions for credentials: from the configuration, or by an event that a call of the host answers, so that a
//! sign-in window never blocks the engine.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::Mutex;
use secrecy::SecretString;
use tokio::sync::oneshot;

use super::operations::Operations;
use crate::delivery::{CredentialKind, CredentialsNeeded, EventBody, EventKind, Hub};
use crate::http::{CredentialSource, Credentials, Question, Wanted};
use crate::{Error, ErrorKind};

/// The questions of one session.
pub(super) struct Questions {
    hub: Arc<Hub>,
    operations: Arc<Operations>,
    configured: Option<(String, SecretString)>,
    timeout: Duration,
    /// How long a question may stay that no reader takes and nobody waits for: the host may be about to wait.
    grace: Duration,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last: u64,
    asked: HashMap<u64, oneshot::Sender<Result<Credentials, Error>>>,
}

impl Questions {
    pub(super) fn new(
        hub: Arc<Hub>,
        operations: Arc<Operations>,
        configured: Option<(String, SecretString)>,
        timeout: Duration,
        grace: Duration,
    ) -> Self {
        Questions { hub, operations, configured, timeout, grace, open: Mutex::default() }
    }

    /// The host answers.
    pub(super) fn answer(&self, request: u64, answer: Result<Credentials, Error>) -> Result<(), Error> {
        let sender = self.close(request);
        let unknown = || {
            Error::new(
                ErrorKind::NotFound,
                format!("answer credential request {request}"),
                "no such request is open",
            )
            .advise("it was answered already, its time is over, or the session ended")
        };
        sender.ok_or_else(unknown)?.send(answer).map_err(|_| unknown())
    }

    fn put(&self, question: Question) -> (u64, oneshot::Receiver<Result<Credentials, Error>>) {
        let (sender, receiver) = oneshot::channel();
        let request_id = {
            let mut open = self.open.lock();
            open.last += 1;
            let id = open.last;
            open.asked.insert(id, sender);
            self.operations.questions_changed(open.asked.len());
            id
        };
        self.hub.publish(EventBody::CredentialsNeeded(CredentialsNeeded {
            request_id,
            kind: match question.kind {
                Wanted::Bearer => CredentialKind::Bearer,
                Wanted::Password => CredentialKind::Password,
            },
            attempt: question.attempt,
            resource: question.resource,
            authority: question.authority,
            client_id: question.client_id,
        }));
        (request_id, receiver)
    }

    /// Takes a question off the list. Whoever waits is told under the same lock, so that the count never lags behind.
    fn close(&self, request: u64) -> Option<oneshot::Sender<Result<Credentials, Error>>> {
        let mut open = self.open.lock();
        let sender = open.asked.remove(&request);
        self.operations.questions_changed(open.asked.len());
        sender
    }

    fn is_taken(&self) -> bool {
        self.hub.is_taken(EventKind::CredentialsNeeded) || self.operations.knows_of_question()
    }

    async fn ask_host(&self, question: Question) -> Result<Credentials, Error> {
        let resource = question.resource.clone();
        let (request, receiver) = self.put(question);
        let withdraw = Withdraw { questions: self, request };
        let answer = self.wait_for_answer(receiver).await;
        drop(withdraw);
        answer.unwrap_or_else(|came| {
            let error =
                Error::new(ErrorKind::CredentialsNeeded, format!("get credentials for {resource}"), came);
            Err(error.advise("configure a password, or answer the credentials event"))
        })
    }

    async fn wait_for_answer(
        &self,
        receiver: oneshot::Receiver<Result<Credentials, Error>>,
    ) -> Result<Result<Credentials, Error>, &'static str> {
        tokio::pin!(receiver);
        let mut left = self.timeout;
        let untaken = self.grace.min(left);
        if !self.is_taken() {
            tokio::select! {
                answer = &mut receiver => return answer.map_err(|_| "the request was withdrawn"),
                () = tokio::time::sleep(untaken) => left -= untaken,
            }
            if !self.is_taken() {
                return Err("no reader takes the credentials event and nobody waits");
            }
        }
        tokio::select! {
            answer = &mut receiver => answer.map_err(|_| "the request was withdrawn"),
            () = tokio::time::sleep(left) => Err("the request stayed unanswered for credentials.timeout_s"),
        }
    }
}

/// Takes a question back when its asker is gone, answered or not.
struct Withdraw<'a> {
    questions: &'a Questions,
    request: u64,
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        self.questions.close(self.request);
    }
}

/// The door's view of the questions.
pub(super) struct Source(pub(super) Arc<Questions>);

impl CredentialSource for Source {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send>> {
        let questions = self.0.clone();
        Box::pin(async move {
            let first = question.attempt == 1 && question.kind == Wanted::Password;
            match &questions.configured {
                Some((user, password)) if first => {
                    Ok(Credentials::Password { user: user.clone(), password: password.clone() })
                }
                _ => questions.ask_host(question).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::operations::Task;

    const GRACE: Duration = Duration::from_secs(5);

    fn question() -> Question {
        let (resource, authority, client_id) = Default::default();
        Question { kind: Wanted::Password, attempt: 1, resource, authority, client_id }
    }

    fn questions() -> (Arc<Questions>, Arc<Operations>) {
        let hub = Hub::new();
        let operations = Arc::new(Operations::new(hub.clone()));
        (Arc::new(Questions::new(hub, operations.clone(), None, Duration::from_secs(300), GRACE)), operations)
    }

    /// Asks, and lets the question come up.
    async fn ask(questions: &Arc<Questions>) -> tokio::task::JoinHandle<Result<Credentials, Error>> {
        let asked = tokio::spawn(Source(questions.clone()).ask(question()));
        while questions.open.lock().asked.is_empty() {
            tokio::task::yield_now().await;
        }
        asked
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_told_while_waiting_has_the_whole_time_to_answer() {
        let (questions, operations) = questions();
        let (open, _) = operations.begin("open the session", Task::Open, None);
        let asked = ask(&questions).await;
        let told = operations.wait(open, Some(Duration::ZERO)).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::CredentialsNeeded);
        tokio::time::sleep(GRACE * 10).await;
        let password = SecretString::from("secret");
        questions.answer(1, Ok(Credentials::Password { user: "lene".into(), password })).expect("still open");
        assert!(asked.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_knows_of_ends_soon() {
        let (questions, _operations) = questions();
        let asked = ask(&questions).await;
        tokio::time::sleep(GRACE * 2).await;
        let error = asked.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialsNeeded);
        assert_eq!(questions.answer(1, Err(error)).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
