//! The simulator as a whole: a thread of its own with everything in it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{self, Certificates};
use crate::control::Control;
use crate::http::connection::Shared;
use crate::http::server;
use crate::settings::Settings;
use crate::state::world::World;

/// Why a simulator did not start, and what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings contradict themselves.
    #[error("the settings cannot be used: {0}")]
    Settings(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; choose another address, or port 0 for any free port")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// The certificates could not be made.
    #[error(
        "cannot make certificates: {0}; check the names in the settings and that there is room for temporary files"
    )]
    Certificates(String),
    /// The system gave no thread.
    #[error("cannot start a thread: {0}; the system is out of threads or memory")]
    Thread(std::io::Error),
}

/// A running simulator. It stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    settings: Arc<Settings>,
    certificates: Option<Certificates>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulator and waits until it listens. It runs on threads of its own, so this can be called from
    /// anywhere, from inside an async runtime too.
    ///
    /// # Errors
    /// The settings cannot be used, or the system refuses something.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let mut settings = settings;
        settings.switches.without.extend(crate::without::from_environment());
        if let Some(problem) = settings.problem() {
            return Err(StartError::Settings(problem));
        }
        let web_host = settings.switches.web_host.as_deref();
        let (certificates, tls) = if settings.tls {
            let made = certificates::make(&settings.domains(), web_host);
            let (certificates, tls) = made.map_err(|error| StartError::Certificates(error.to_string()))?;
            (Some(certificates), Some(tls))
        } else {
            (None, None)
        };
        let address = settings.listen;
        let listener = std::net::TcpListener::bind(address);
        let listener = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = listener.map_err(|error| StartError::Listen { address, error })?;
        if let Some(host) = &mut settings.switches.web_host {
            *host = host.replace("{port}", &address.port().to_string());
        }
        let settings = Arc::new(settings);
        let shared =
            Arc::new(Shared { world: Mutex::new(World::new(&settings)), settings: Arc::clone(&settings) });
        let (stop, stopped) = oneshot::channel();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let thread = run(listener, Arc::clone(&shared), tls, stopped).map_err(StartError::Thread)?;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Self { address, scheme, shared, settings, certificates, stop, thread })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Scheme, host and port.
    fn base(&self) -> String {
        let host = match self.address {
            address if address.ip().is_unspecified() => "127.0.0.1".to_owned(),
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        format!("{}://{host}:{}", self.scheme, self.address.port())
    }

    /// The entry point of autodiscovery.
    #[must_use]
    pub fn root_url(&self) -> String {
        format!("{}/", self.base())
    }

    /// The root of the control API.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("{}/sim/", self.base())
    }

    /// The certificate of the CA that signed the server's, as PEM text; none without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.certificates.as_ref().map(|certificates| certificates.ca_pem.clone())
    }

    /// The file with that certificate. It is removed when the simulator stops.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.certificates.as_ref().map(|certificates| certificates.ca_file.as_path())
    }

    /// The control API as methods.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs the server on a thread of its own until it is told to stop. The runtime lives and dies on that thread:
/// elsewhere it would have to be dropped where the caller may be inside another one.
fn run(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    // How long tasks that are in the middle of something are waited for.
    const PATIENCE: Duration = Duration::from_millis(200);
    let (report, started) = mpsc::channel();
    let body = move || {
        let (runtime, listener) = match build(listener) {
            Ok(built) => built,
            Err(error) => return drop(report.send(Err(error))),
        };
        runtime.spawn(server::run_clock(Arc::clone(&shared)));
        runtime.spawn(server::listen(listener, shared, tls));
        let _ = report.send(Ok(()));
        let _ = runtime.block_on(stopped);
        runtime.shutdown_timeout(PATIENCE);
    };
    let thread = std::thread::Builder::new().name("ucwa-sim-main".into()).spawn(body)?;
    match started.recv() {
        Ok(Ok(())) => Ok(thread),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(std::io::Error::other("the server's thread ended at once")),
    }
}

/// The runtime, and the listener as one of its own.
fn build(listener: std::net::TcpListener) -> std::io::Result<(Runtime, TcpListener)> {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).thread_name("ucwa-sim").enable_all().build()?;
    listener.set_nonblocking(true)?;
    let listener = {
        let _context = runtime.enter();
        TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}
