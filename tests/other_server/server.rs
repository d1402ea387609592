//! A server that knows nothing of UCWA: it gives the answers that a test wrote down and remembers what it was asked.
//!
//! A GET of `.../events` that no answer is written for is held until the test hands out a page.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::host::PATIENCE;

/// How a request is answered. `{here}` in a body becomes the server's own address.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A status line's number and words, more headers, a body; its length is counted.
    Document(&'static str, String, String),
    /// These bytes, and the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes, then the connection is closed.
    Last(Vec<u8>),
    /// These bytes one by one.
    Drip(Vec<u8>),
    /// Nothing before [`Server::release`], then this.
    Held(Box<Reply>),
}

impl Reply {
    pub(crate) fn json(body: &str) -> Reply {
        Reply::status("200 OK", body)
    }

    pub(crate) fn status(status: &'static str, body: &str) -> Reply {
        Reply::with(status, "Content-Type: application/json; charset=utf-8\r\n", body)
    }

    pub(crate) fn with(status: &'static str, headers: &str, body: &str) -> Reply {
        Reply::Document(status, headers.to_owned(), body.to_owned())
    }

    pub(crate) fn html(status: &'static str) -> Reply {
        Reply::with(status, "Content-Type: text/html\r\n", "<html><body>Sign in, please</body></html>")
    }

    /// 201 of an operation: an empty body, and where the invitation is.
    pub(crate) fn created(location: &str) -> Reply {
        Reply::with("201 Created", &format!("Location: {location}\r\n"), "")
    }

    pub(crate) fn no_content() -> Reply {
        Reply::Bytes(b"HTTP/1.1 204 No Content\r\nCache-Control: no-cache\r\n\r\n".to_vec())
    }

    pub(crate) fn held(self) -> Reply {
        Reply::Held(Box::new(self))
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) connection: usize,
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

struct Answer {
    pattern: String,
    reply: Reply,
    once: bool,
}

#[derive(Default)]
struct State {
    answers: Vec<Answer>,
    pages: VecDeque<Reply>,
    asked: Vec<Asked>,
    /// Numbers of the connections that were closed.
    closed: Vec<usize>,
    pending_gets: usize,
    released: usize,
    over: bool,
}

struct Shared {
    address: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

pub(crate) struct Server(Arc<Shared>);

impl Server {
    pub(crate) fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { address, state: Mutex::default(), changed: Condvar::new() });
        let accepting = shared.clone();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { return };
                if accepting.state.lock().unwrap().over {
                    return;
                }
                let serving = accepting.clone();
                std::thread::spawn(move || {
                    serving.serve(number, stream);
                    serving.state.lock().unwrap().closed.push(number);
                    serving.changed.notify_all();
                });
            }
        });
        Server(shared)
    }

    pub(crate) fn here(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Answers every request whose line is `pattern`, or begins with it when it ends in `*`. The latest counts.
    pub(crate) fn always(&self, pattern: &str, reply: Reply) -> &Server {
        self.answer(pattern, reply, false)
    }

    /// Answers one such request; before [`Server::always`], in the order written.
    pub(crate) fn once(&self, pattern: &str, reply: Reply) -> &Server {
        self.answer(pattern, reply, true)
    }

    fn answer(&self, pattern: &str, reply: Reply, once: bool) -> &Server {
        self.0.state.lock().unwrap().answers.push(Answer { pattern: pattern.to_owned(), reply, once });
        self
    }

    /// The answer to the pending GET, or to the next one.
    pub(crate) fn page(&self, body: &str) -> &Server {
        self.page_as(Reply::json(body))
    }

    pub(crate) fn page_as(&self, reply: Reply) -> &Server {
        self.0.state.lock().unwrap().pages.push_back(reply);
        self.0.changed.notify_all();
        self
    }

    /// Lets go of the oldest answer that is held, now or when it is.
    pub(crate) fn release(&self) {
        self.0.state.lock().unwrap().released += 1;
        self.0.changed.notify_all();
    }

    pub(crate) fn asked(&self, pattern: &str) -> Vec<Asked> {
        let state = self.0.state.lock().unwrap();
        state.asked.iter().filter(|asked| fits(pattern, &asked.line)).cloned().collect()
    }

    pub(crate) fn lines(&self, pattern: &str) -> Vec<String> {
        self.asked(pattern).into_iter().map(|asked| asked.line).collect()
    }

    /// Waits until this connection is closed.
    pub(crate) fn until_closed(&self, connection: usize) {
        let state = self.0.state.lock().unwrap();
        let is_open = |state: &mut State| !state.closed.contains(&connection);
        let (state, _) = self.0.changed.wait_timeout_while(state, PATIENCE, is_open).unwrap();
        assert!(state.closed.contains(&connection), "connection {connection} stays open");
    }

    /// Waits until so many such requests came.
    pub(crate) fn until_asked(&self, pattern: &str, times: usize) -> Vec<Asked> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.asked(pattern);
            if found.len() >= times {
                return found;
            }
            let all = self.lines("*");
            assert!(Instant::now() < deadline, "{pattern} was not asked {times} times: {all:#?}");
            let state = self.0.state.lock().unwrap();
            let _ = self.0.changed.wait_timeout(state, Duration::from_millis(50)).unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().over = true;
        self.0.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.0.address);
    }
}

fn fits(pattern: &str, line: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => line.starts_with(beginning),
        None => line == pattern,
    }
}

impl Shared {
    fn serve(&self, connection: usize, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(asked) = read(connection, &mut reader) {
            let Some(reply) = self.reply(asked) else { return };
            if !self.write(&mut stream, reply) {
                return;
            }
        }
    }

    /// The answer is chosen in the moment in which the request becomes known: what a test writes down after it has seen
    /// the request is for later ones.
    fn reply(&self, asked: Asked) -> Option<Reply> {
        let mut state = self.state.lock().unwrap();
        let line = asked.line.clone();
        state.asked.push(asked);
        self.changed.notify_all();
        let once = state.answers.iter().position(|answer| answer.once && fits(&answer.pattern, &line));
        if let Some(at) = once {
            return Some(state.answers.remove(at).reply);
        }
        let sticky = state.answers.iter().rfind(|answer| !answer.once && fits(&answer.pattern, &line));
        if let Some(answer) = sticky {
            return Some(answer.reply.clone());
        }
        let is_pending_get = line.starts_with("GET ") && line.contains("/events");
        if !is_pending_get {
            return Some(Reply::status("404 Not Found", r#"{"code":"NotFound"}"#));
        }
        state.pending_gets += 1;
        let own = state.pending_gets;
        // A newer pending GET takes the place of this one.
        while !state.over && state.pending_gets == own {
            if let Some(page) = state.pages.pop_front() {
                return Some(page);
            }
            state = self.changed.wait(state).unwrap();
        }
        None
    }

    /// Whether the connection may go on.
    fn write(&self, stream: &mut TcpStream, reply: Reply) -> bool {
        match reply {
            Reply::Document(status, headers, body) => {
                let body = body.replace("{here}", &format!("http://{}", self.address));
                let headers = headers.replace("{here}", &format!("http://{}", self.address));
                let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_ok()
            }
            Reply::Bytes(bytes) => stream.write_all(&bytes).is_ok(),
            Reply::Last(bytes) => {
                let _ = stream.write_all(&bytes);
                false
            }
            Reply::Drip(bytes) => {
                let _ = stream.set_nodelay(true);
                bytes.iter().all(|byte| stream.write_all(&[*byte]).is_ok() && stream.flush().is_ok())
            }
            Reply::Held(reply) => {
                let mut state = self.state.lock().unwrap();
                while state.released == 0 {
                    if state.over {
                        return false;
                    }
                    state = self.changed.wait(state).unwrap();
                }
                state.released -= 1;
                drop(state);
                self.write(stream, *reply)
            }
        }
    }
}

fn read(connection: usize, reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut text = String::new();
    reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
    let line = text.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        text.clear();
        reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
        match text.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut asked = Asked { connection, line, headers, body: String::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).unwrap();
    Some(asked)
}
