//! The simulator as another program sees it: its first line, and its control API (docs/SIMULATOR.md).

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// A running simulator; ends when it is dropped.
pub(crate) struct Simulator {
    process: Child,
    control_url: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    pub(crate) ca_file: PathBuf,
    pub(crate) address: SocketAddr,
}

#[derive(Deserialize)]
struct FirstLine {
    control_url: String,
    ca_pem: PathBuf,
}

/// What the demo needs of the script.
#[derive(Deserialize)]
pub(crate) struct Script {
    users: Vec<User>,
    pub(crate) invite: Vec<String>,
    pub(crate) sign_in: String,
}

#[derive(Deserialize)]
struct User {
    uri: String,
    password: String,
}

impl Script {
    pub(crate) fn password(&self) -> Result<&str, Failure> {
        let user = self.users.iter().find(|user| user.uri == self.sign_in);
        Ok(user.map(|user| user.password.as_str()).ok_or("the script's sign_in is none of its users")?)
    }
}

/// What the demo needs of the truth.
#[derive(Deserialize)]
pub(crate) struct Truth {
    pub(crate) quiet: bool,
    pub(crate) invitations: Vec<Invitation>,
    pub(crate) conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
pub(crate) struct Invitation {
    pub(crate) kind: String,
    pub(crate) to: Option<String>,
    pub(crate) operation_id: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) subcode: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Conversation {
    pub(crate) user: String,
    pub(crate) ended: bool,
    pub(crate) roster: Vec<Person>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Person {
    pub(crate) uri: String,
    pub(crate) name: String,
    pub(crate) role: Option<String>,
    pub(crate) in_lobby: bool,
    pub(crate) organizer: bool,
    pub(crate) anonymous: bool,
}

impl Simulator {
    pub(crate) fn start(program: &Path, script: &Path) -> Result<Self, Failure> {
        let mut process = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--tls", "--answer-timeout", "2s", "--script"])
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let said = first_line(&mut process);
        let line: FirstLine = match said.and_then(|line| Ok(serde_json::from_str(&line)?)) {
            Ok(line) => line,
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                return Err(format!("the simulator did not start: {error}").into());
            }
        };
        let control: reqwest::Url = line.control_url.parse()?;
        let address =
            control.socket_addrs(|| None)?.first().copied().ok_or("the control URL has no address")?;
        Ok(Simulator {
            process,
            client: client(&line.ca_pem)?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            control_url: line.control_url.trim_end_matches('/').to_owned(),
            ca_file: line.ca_pem,
            address,
        })
    }

    pub(crate) fn script(&self) -> Result<Script, Failure> {
        self.get("script")
    }

    pub(crate) fn truth(&self) -> Result<Truth, Failure> {
        self.get("truth")
    }

    /// Waits until the story is told, every expected invitation has ended and the program has heard everything.
    pub(crate) fn wait_until_quiet(
        &self,
        expected: usize,
        deadline: Instant,
        period: Duration,
        mut ended_early: impl FnMut() -> bool,
    ) -> Result<(), Failure> {
        loop {
            let truth = self.truth()?;
            let asked =
                truth.invitations.iter().filter(|invitation| invitation.kind == "participantInvitation");
            if truth.quiet && asked.filter(|invitation| invitation.outcome.is_some()).count() >= expected {
                return Ok(());
            }
            if ended_early() {
                return Err("the program ended before the story did".into());
            }
            if Instant::now() > deadline {
                return Err("the story did not come to its end in time".into());
            }
            std::thread::sleep(period);
        }
    }

    fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, Failure> {
        let url = format!("{}/{what}", self.control_url);
        let body = self.runtime.block_on(async {
            let answer = self.client.get(&url).send().await?.error_for_status()?;
            answer.bytes().await
        })?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It cleans up after itself when it is asked to end; a kill would leave its files behind.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn first_line(process: &mut Child) -> Result<String, Failure> {
    let mut line = String::new();
    BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    Ok(line)
}

/// A client that trusts the simulator's CA and nobody else.
fn client(ca_file: &Path) -> Result<reqwest::Client, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy().build()?)
}
