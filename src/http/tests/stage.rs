//! A server that does what a test tells it, byte by byte, and writes down what it was asked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::Mutex;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}

/// What the server does with a request.
pub(super) enum Reply {
    Send(Vec<u8>),
    /// Sends this much and closes.
    Break(Vec<u8>),
    /// Never answers.
    Silence,
    /// Answers when so many wait at the barrier.
    Together(Arc<tokio::sync::Barrier>, Box<Reply>),
}

pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    Reply::Send(format!("{text}\r\n{body}").into_bytes())
}

pub(super) fn json(status: u16, body: &str) -> Reply {
    reply(status, &[("Content-Type", "application/json; charset=utf-8")], body)
}

pub(super) fn html(status: u16) -> Reply {
    reply(status, &[("Content-Type", "text/html")], "<html>Sign in to the network</html>")
}

pub(super) fn links(pairs: &[(&str, &str)]) -> Reply {
    let links: Vec<String> =
        pairs.iter().map(|(rel, href)| format!(r#""{rel}":{{"href":"{href}"}}"#)).collect();
    json(200, &format!(r#"{{"_links":{{{}}}}}"#, links.join(",")))
}

/// The 401 of a resource whose tokens are made at `endpoint` (PROTOCOL 2.1).
pub(super) fn challenge(endpoint: &str) -> Reply {
    let ms_rtc = format!(
        r#"MsRtcOAuth href="{endpoint}",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password""#
    );
    reply(
        401,
        &[("WWW-Authenticate", BEARER), ("WWW-Authenticate", &ms_rtc), ("Content-Type", "text/html")],
        "<html>401</html>",
    )
}

pub(super) const BEARER: &str = r#"Bearer trusted_issuers="00000002-0000-0ff1-ce00-000000000000@contoso.com", client_id="00000004-0000-0ff1-ce00-000000000000""#;

pub(super) fn token(value: &str) -> Reply {
    json(200, &format!(r#"{{"access_token":"{value}","expires_in":28800,"token_type":"Bearer"}}"#))
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// A running server; ends when dropped.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stage {
    /// Plain http. The script gets each request and how many came before it for the same path.
    pub(super) async fn http(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Stage {
        Stage::start(None, Arc::new(script)).await
    }

    /// Over TLS with this identity.
    pub(super) async fn https(
        identity: &Identity,
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Stage {
        Stage::start(Some(identity.acceptor()), Arc::new(script)).await
    }

    async fn start(tls: Option<TlsAcceptor>, script: Arc<Script>) -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn({
            let seen = seen.clone();
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (tls, seen, script) = (tls.clone(), seen.clone(), script.clone());
                    tokio::spawn(async move {
                        match tls {
                            None => serve(stream, seen, script).await,
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    serve(stream, seen, script).await;
                                }
                            }
                        }
                    });
                }
            }
        });
        Stage { address, scheme, seen, task }
    }

    /// The URL of a path here, by address.
    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}://{}{path}", self.scheme, self.address)).unwrap()
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }

    /// How many requests came for this path.
    pub(super) fn count(&self, path: &str) -> usize {
        self.seen.lock().iter().filter(|seen| seen.path() == path).count()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    seen: Arc<Mutex<Vec<Seen>>>,
    script: Arc<Script>,
) {
    while let Some(request) = read(&mut stream).await {
        let before = {
            let mut seen = seen.lock();
            let before = seen.iter().filter(|other| other.path() == request.path()).count();
            seen.push(request.clone());
            before
        };
        let mut reply = script(&request, before);
        if let Reply::Together(barrier, then) = reply {
            barrier.wait().await;
            reply = *then;
        }
        match reply {
            Reply::Together(..) => unreachable!("one barrier is enough"),
            Reply::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Reply::Break(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut seen = Seen { method, target, headers, body: String::new() };
    let length: usize = seen.header("content-length").map_or(0, |value| value.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    seen.body = String::from_utf8(bytes[head_end + 4..head_end + 4 + length].to_vec()).unwrap();
    Some(seen)
}

/// A certificate with its key, and the authority that issued it.
pub(super) struct Identity {
    pub(super) authority_pem: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Identity {
    pub(super) fn new(names: &[&str]) -> Identity {
        Identity::with(names, |_| {})
    }

    pub(super) fn with(names: &[&str], change: impl FnOnce(&mut rcgen::CertificateParams)) -> Identity {
        // Two authorities of one name would be the same one with a wrong key.
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.distinguished_name.push(rcgen::DnType::CommonName, format!("authority {number}"));
        let authority_pem = authority.self_signed(&authority_key).unwrap().pem().into_bytes();
        let issuer = rcgen::Issuer::new(authority, authority_key);

        let key = rcgen::KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut leaf = rcgen::CertificateParams::new(names).unwrap();
        change(&mut leaf);
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        Identity { authority_pem, chain: vec![leaf.der().clone()], key: key.serialize_der() }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
