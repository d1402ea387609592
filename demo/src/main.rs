//! `ucwa-demo --sim PROGRAM --script FILE [--patience SECONDS] -- PROGRAM [ARGUMENT]...`
//!
//! Starts the simulator with a script, then the program with the connection options of `examples/`, waits until the
//! simulator says that everything has happened, ends the program's input, and compares the program's report with the
//! simulator's truth. The expected values come from the simulator alone. Exit status: 0 when they are equal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod simulator;
mod verdict;

use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use simulator::{Script, Simulator};
use verdict::Report;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str =
    "usage: ucwa-demo --sim PROGRAM --script FILE [--patience SECONDS] -- PROGRAM [ARGUMENT]...";
/// How long the whole story may take, unless `--patience` says otherwise: under valgrind everything takes longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the simulator is asked how far things are.
const PERIOD: Duration = Duration::from_millis(100);
/// Where the program finds the password.
const PASSWORD: &str = "UCWA_DEMO_PASSWORD";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("ucwa-demo: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Failure> {
    let arguments = Arguments::read(std::env::args().skip(1)).ok_or(USAGE)?;
    let folder = tempfile::tempdir()?;
    let report_file = folder.path().join("report.json");
    let simulator = Simulator::start(&arguments.simulator, &arguments.script)?;
    let script = simulator.script()?;
    let mut program = Program::start(&arguments.program, &simulator, &script, &report_file)?;
    let deadline = Instant::now() + arguments.patience;
    simulator.wait_until_quiet(script.invite.len(), deadline, PERIOD, || program.has_ended())?;
    let status = program.finish(deadline)?;
    if !status.success() {
        return Err(format!("the program ended with {status}").into());
    }
    let report = Report::read(&report_file)?;
    let truth = simulator.truth()?;
    Ok(verdict::compare(&report, &truth, &script.sign_in))
}

struct Arguments {
    simulator: PathBuf,
    script: PathBuf,
    patience: Duration,
    program: Vec<String>,
}

impl Arguments {
    fn read(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let (mut simulator, mut script, mut patience) = (None, None, PATIENCE);
        loop {
            match args.next()?.as_str() {
                "--sim" => simulator = Some(args.next()?.into()),
                "--script" => script = Some(args.next()?.into()),
                "--patience" => patience = Duration::from_secs(args.next()?.parse().ok()?),
                "--" => break,
                _ => return None,
            }
        }
        let program: Vec<String> = args.collect();
        (!program.is_empty()).then_some(Arguments {
            simulator: simulator?,
            script: script?,
            patience,
            program,
        })
    }
}

/// The program under test; killed when it is dropped.
struct Program(Child);

impl Program {
    fn start(
        command: &[String],
        simulator: &Simulator,
        script: &Script,
        report: &std::path::Path,
    ) -> Result<Self, Failure> {
        let (name, own_arguments) = command.split_first().ok_or(USAGE)?;
        let mut process = Command::new(name);
        process.args(own_arguments).arg("--user").arg(&script.sign_in);
        process.args(["--password-env", PASSWORD]).env(PASSWORD, script.password()?);
        process.arg("--report").arg(report).arg("--ca").arg(&simulator.ca_file);
        let domain = script.sign_in.rsplit('@').next().unwrap_or_default();
        for host in ["lyncdiscoverinternal", "lyncdiscover", "lyncweb"] {
            process.arg("--set").arg(format!("resolve.{host}.{domain}={}", simulator.address));
        }
        for to in &script.invite {
            process.arg("--invite").arg(to);
        }
        // The story is told on this machine; a proxy of the environment has no part in it.
        for variable in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            process.env_remove(variable);
        }
        let child = process.stdin(Stdio::piped()).spawn();
        Ok(Program(child.map_err(|error| format!("cannot start {name}: {error}"))?))
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Ends its input and waits for it to leave.
    fn finish(&mut self, deadline: Instant) -> Result<ExitStatus, Failure> {
        drop(self.0.stdin.take());
        loop {
            match self.0.try_wait()? {
                Some(status) => return Ok(status),
                None if Instant::now() > deadline => return Err("the program did not end in time".into()),
                None => std::thread::sleep(PERIOD),
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
