//! `ucwa-sim`: the simulator as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use ucwa_sim::{Script, Settings, Simulator};

/// A simulator of a UCWA server (Skype for Business Server).
///
/// Its first line of output is a JSON object with root_url, ca_pem (a path, or null) and control_url. It runs until
/// it is interrupted.
#[derive(Debug, Parser)]
#[command(name = "ucwa-sim", version)]
struct Arguments {
    /// Address to listen on; port 0 takes any free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "IP:PORT")]
    listen: SocketAddr,
    /// Speak HTTPS, with a certificate of a CA made at start
    #[arg(long)]
    tls: bool,
    /// JSON file with the world to simulate (docs/SIMULATOR.md)
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// How long an invitation may stay without an answer: 2s, 500ms
    #[arg(long, value_name = "TIME", value_parser = millis)]
    answer_timeout: Option<u64>,
    /// Shortest time that a client may ask the event channel to wait, below the documented bounds: 200ms
    #[arg(long, value_name = "TIME", value_parser = millis)]
    min_timeout: Option<u64>,
    /// Host (or host:port, with {port} for the own port) of the links that lead away from autodiscovery
    #[arg(long, value_name = "HOST")]
    web_host: Option<String>,
    /// Write every href with scheme and host
    #[arg(long)]
    absolute_hrefs: bool,
    /// Leave something out that it does, by name, such as "event participant added"; can be repeated
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
}

/// `2s`, `500ms`, or plain seconds.
fn millis(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s').unwrap_or(text), 1000.0),
    };
    let number: f64 = number.trim().parse().map_err(|_| "give a time such as 2s or 500ms".to_owned())?;
    if !(0.0..1e9).contains(&number) {
        return Err("give a time between 0 and some years".to_owned());
    }
    Ok((number * unit) as u64)
}

fn settings(arguments: Arguments) -> Result<Settings, String> {
    let mut settings = match &arguments.script {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read the script {}: {error}", path.display()))?;
            Script::read(&text).map_err(|error| format!("{}: {error}", path.display()))?.settings()
        }
        None => Settings::default(),
    };
    settings.listen = arguments.listen;
    settings.tls = arguments.tls;
    let switches = &mut settings.switches;
    switches.answer_timeout_ms = arguments.answer_timeout.unwrap_or(switches.answer_timeout_ms);
    switches.min_timeout_ms = arguments.min_timeout.or(switches.min_timeout_ms);
    switches.web_host = arguments.web_host.or(switches.web_host.take());
    switches.absolute_hrefs |= arguments.absolute_hrefs;
    switches.without.extend(arguments.without);
    Ok(settings)
}

fn run() -> Result<(), String> {
    let simulator = Simulator::start(settings(Arguments::parse())?).map_err(|error| error.to_string())?;
    // Ready for the signal before anybody can read the line and send it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    let interrupted =
        runtime.block_on(async { interruption() }).map_err(|error| format!("cannot start: {error}"))?;
    let line = serde_json::json!({
        "root_url": simulator.root_url(),
        "ca_pem": simulator.ca_file(),
        "control_url": simulator.control_url(),
    });
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))?;
    runtime.block_on(interrupted);
    Ok(())
}

type Interruption = std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// Ends when the program is to stop, so that the CA's file is removed.
#[cfg(unix)]
fn interruption() -> std::io::Result<Interruption> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }))
}

#[cfg(not(unix))]
fn interruption() -> std::io::Result<Interruption> {
    Ok(Box::pin(async {
        let _ = tokio::signal::ctrl_c().await;
    }))
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            let _ = writeln!(std::io::stderr(), "ucwa-sim: {complaint}");
            ExitCode::FAILURE
        }
    }
}
