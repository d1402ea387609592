//! A plain HTTP client on raw sockets, and a small UCWA client on top of it that follows links and nothing else.
#![allow(dead_code, unreachable_pub)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use ucwa_sim::{Settings, Simulator, StoryAction, StoryStep};

/// How long anything may take before a test gives up. Generous: it is no measurement.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {} {text:?}", self.status))
    }

    /// The first value of a header whose name is spelled exactly so.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Code and subcode of an error.
    pub fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("subcode"))
    }

    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connect");
    stream.set_read_timeout(Some(PATIENCE)).expect("set a timeout");
    stream
}

/// Writes a request; Content-Length is added.
pub fn write_request(
    stream: &mut impl Write,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str("Host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes).expect("write a request");
    stream.flush().expect("flush");
}

/// Reads one answer; none when the connection ends before it is whole.
pub fn read_answer(stream: &mut impl Read) -> Option<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a head in UTF-8");
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().expect("a status");
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").expect("a header"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    if status != 100 && status != 204 && status != 304 {
        let length = answer
            .header("Content-Length")
            .expect("Content-Length in its usual spelling")
            .parse()
            .expect("a length");
        answer.body = vec![0; length];
        stream.read_exact(&mut answer.body).ok()?;
    }
    Some(answer)
}

pub fn request(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = connect(address);
    write_request(&mut stream, method, target, headers, body);
    read_answer(&mut stream).expect("an answer")
}

/// Path and query of an href.
pub fn path_of(href: &str) -> &str {
    match href.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/').unwrap_or(rest.len())..],
        None => href,
    }
}

pub fn href<'a>(resource: &'a Value, rel: &str) -> &'a str {
    resource["_links"][rel]["href"].as_str().unwrap_or_else(|| panic!("no link {rel} in {resource:#}"))
}

pub fn has_link(resource: &Value, rel: &str) -> bool {
    resource["_links"].get(rel).is_some()
}

/// A simulator for tests: short times of its own, so that nothing is waited for.
pub fn start() -> Simulator {
    start_with(|_| {})
}

pub fn start_with(change: impl FnOnce(&mut Settings)) -> Simulator {
    let mut settings = Settings::default();
    settings.switches.min_timeout_ms = Some(50);
    settings.switches.connect_ms = 5;
    for person in &mut settings.people {
        person.behaviour.after_ms = person.behaviour.after_ms.min(20);
    }
    change(&mut settings);
    Simulator::start(settings).expect("the simulator starts")
}

pub fn token(sim: &Simulator, form: &str) -> Answer {
    let kind = [("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")];
    request(sim.address(), "POST", "/WebTicket/oauthtoken", &kind, form.as_bytes())
}

pub fn token_of(sim: &Simulator, form: &str) -> String {
    token(sim, form).expect(200).json()["access_token"].as_str().expect("a token").to_owned()
}

/// A signed-in application.
pub struct Session {
    pub address: SocketAddr,
    pub token: String,
    pub application: Value,
}

impl Session {
    /// Signs a user of the default world in.
    pub fn sign_in(sim: &Simulator, who: &str) -> Self {
        let form = format!("grant_type=password&username={who}%40contoso.com&password=Pa55w.rd!");
        Self::with_token(sim, token_of(sim, &form), "tests")
    }

    /// A guest of a meeting.
    pub fn guest(sim: &Simulator, meeting_uri: &str) -> Self {
        let key = meeting_uri.rsplit(':').next().expect("a key");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "urn:microsoft.rtc:anonmeeting")
            .append_pair("password", key)
            .append_pair("ms_rtc_conferenceuri", meeting_uri);
        Self::with_token(sim, token_of(sim, &form.finish()), "guest")
    }

    pub fn with_token(sim: &Simulator, token: String, endpoint: &str) -> Self {
        let mut session = Self { address: sim.address(), token, application: Value::Null };
        let root = request(session.address, "GET", "/", &[], b"").expect(200).json();
        let user = session.get(href(&root, "user"));
        let body = json!({"userAgent": "Tests", "culture": "en-US", "endpointId": endpoint});
        session.application = session.post(href(&user, "applications"), &body).expect(201).json();
        session
    }

    pub fn send(&self, method: &str, href: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend_from_slice(more);
        request(self.address, method, path_of(href), &headers, body)
    }

    pub fn get(&self, href: &str) -> Value {
        self.send("GET", href, &[], b"").expect(200).json()
    }

    pub fn status_of(&self, href: &str) -> u16 {
        self.send("GET", href, &[], b"").status
    }

    pub fn post(&self, href: &str, body: &Value) -> Answer {
        self.send("POST", href, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// POST without a body, as browsers' clients send it.
    pub fn act(&self, href: &str) -> Answer {
        self.send("POST", href, &[("Content-Type", "")], b"")
    }

    pub fn delete(&self, href: &str) -> Answer {
        self.send("DELETE", href, &[], b"")
    }

    pub fn part(&self, rel: &str) -> &Value {
        &self.application["_embedded"][rel]
    }

    pub fn communication(&self, rel: &str) -> &str {
        href(self.part("communication"), rel)
    }

    pub fn own_link(&self) -> &str {
        href(&self.application, "self")
    }

    pub fn id(&self) -> &str {
        self.own_link().rsplit('/').next().expect("an id")
    }

    pub fn channel(&self) -> Channel<'_> {
        Channel { session: self, next: href(&self.application, "events").to_owned(), seen: Vec::new() }
    }

    pub fn make_available(&self) {
        let body = json!({"SupportedModalities": ["Messaging"]});
        self.post(href(self.part("me"), "makeMeAvailable"), &body).expect(204);
    }
}

/// An event, flat.
#[derive(Debug, Clone)]
pub struct Seen {
    pub sender: String,
    pub rel: String,
    pub href: String,
    pub kind: String,
    pub within: Option<String>,
    pub event: Value,
}

impl Seen {
    /// `communication: conversation updated Conferenced`, `conversation: participant added in lobby`.
    pub fn line(&self) -> String {
        let mut line = format!("{}: {} {}", self.sender, self.rel, self.kind);
        if let Some(within) = &self.within {
            line.push_str(&format!(" in {within}"));
        }
        if let Some(status) = self.event["status"].as_str() {
            line.push_str(&format!(" {status}"));
        }
        if let Some(state) = self.body()["state"].as_str() {
            line.push_str(&format!(" {state}"));
        }
        line
    }

    /// What is embedded.
    pub fn body(&self) -> &Value {
        &self.event["_embedded"][&self.rel]
    }
}

/// An event channel that is followed.
pub struct Channel<'a> {
    session: &'a Session,
    pub next: String,
    pub seen: Vec<Seen>,
}

impl Channel<'_> {
    /// Gets one page.
    pub fn page(&mut self) -> Value {
        let page = self.session.get(&format!("{}&timeout=0.1&medium=0.05", self.next));
        self.next = href(&page, "next").to_owned();
        for sender in page["sender"].as_array().into_iter().flatten() {
            for event in sender["events"].as_array().expect("events") {
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                let seen = Seen {
                    sender: text(&sender["rel"]),
                    rel: text(&event["link"]["rel"]),
                    href: text(&event["link"]["href"]),
                    kind: text(&event["type"]),
                    within: event["in"]["rel"].as_str().map(str::to_owned),
                    event: event.clone(),
                };
                if let Some(embedded) = event.get("_embedded") {
                    assert!(embedded.get(&seen.rel).is_some(), "the key is link.rel: {event:#}");
                }
                self.seen.push(seen);
            }
        }
        page
    }

    /// Gets pages until an event is there whose line begins so, and gives it.
    pub fn until(&mut self, line: &str) -> Seen {
        self.until_after(0, line)
    }

    /// The same, among the events after the first so many.
    pub fn until_after(&mut self, skip: usize, line: &str) -> Seen {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = self.seen.iter().skip(skip).find(|seen| seen.line().starts_with(line)) {
                return seen.clone();
            }
            assert!(std::time::Instant::now() < end, "no {line:?} among {:#?}", self.lines());
            self.page();
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.seen.iter().map(Seen::line).collect()
    }

    /// The lines after the first so many.
    pub fn lines_after(&self, skip: usize) -> Vec<String> {
        self.seen.iter().skip(skip).map(Seen::line).collect()
    }

    /// Starts an ad hoc meeting; gives the conversation and the meeting's URI.
    pub fn start_meeting(&mut self) -> (Value, String) {
        let start = self.session.communication("startOnlineMeeting");
        self.session.post(start, &json!({"operationId": "start", "subject": "Tests"})).expect(201);
        self.enter()
    }

    pub fn join_meeting(&mut self, uri: &str) -> (Value, String) {
        let join = self.session.communication("joinOnlineMeeting");
        self.session.post(join, &json!({"operationId": "join", "onlineMeetingUri": uri})).expect(201);
        self.enter()
    }

    fn enter(&mut self) -> (Value, String) {
        let skip = self.seen.len();
        let done = self.until_after(skip, "communication: onlineMeetingInvitation completed Success");
        let uri = done.body()["onlineMeetingUri"].as_str().expect("a meeting").to_owned();
        (self.session.get(href(done.body(), "conversation")), uri)
    }
}

/// Makes something happen in a meeting.
pub fn happen(sim: &Simulator, meeting: &str, action: StoryAction, uri: &str) {
    sim.control().happen(meeting, &StoryStep::new(0, action, uri)).expect("it can happen");
}

/// A participant by the name in his address.
pub fn participant(session: &Session, conversation: &Value, who: &str) -> Value {
    session.get(&format!("{}/participants/{who}@contoso.com", href(conversation, "self")))
}
