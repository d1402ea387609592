//! Log records of the library for a host that has no collector of its own.
//!
//! The library writes records by `tracing` and sets no collector of them unless a host asks for it here. There is no
//! password and no token in any record, at any level.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::process::PerProcess;
use crate::sync::RwLock;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How much it matters.
    pub level: Level,
    /// The part of the library: `ucwa::http`.
    pub target: &'static str,
    /// What happened, without the fields.
    pub message: String,
    /// What goes with it, in order.
    pub fields: Vec<(&'static str, String)>,
}

/// "what happened field=value field=\"two words\""
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.fields.iter().try_for_each(|(name, value)| match value.contains([' ', '"', '=']) {
            true => write!(f, " {name}={value:?}"),
            false => write!(f, " {name}={value}"),
        })
    }
}

/// Takes records: called from any thread, also several at once, sometimes under a lock of the library, so it must
/// return soon and must not call the library. A record that is written inside of it is left out.
pub type Sink = dyn Fn(&Record) + Send + Sync;

/// Gives the records of this process up to `level` to `sink`, in place of the sink before; `None` gives them to nobody. A
/// sink that is being called meanwhile is not waited for; it is dropped after its call. A child of a fork begins
/// without one.
///
/// False: the program has a collector of its own, which gets the records.
pub fn set_sink(level: Level, sink: Option<Arc<Sink>>) -> bool {
    if sink.is_some() && !install() {
        return false;
    }
    let log = LOG.get();
    let old = {
        let mut place = log.sink.write();
        let level = if sink.is_some() { number(level) } else { 0 };
        log.level.store(level, Ordering::SeqCst);
        std::mem::replace(&mut *place, sink)
    };
    // Outside the lock: what the host captured in it may be dropped now.
    drop(old);
    true
}

/// Whether this thread is inside a sink, where nothing of the library may be called: locks may be held.
pub fn inside_sink() -> bool {
    INSIDE.try_with(Cell::get).unwrap_or(false)
}

/// Where records go in this process.
#[derive(Default)]
struct Log {
    /// Of the sink; 0: there is none.
    level: AtomicU8,
    sink: RwLock<Option<Arc<Sink>>>,
}

static LOG: PerProcess<Log> = PerProcess::new();

/// Makes ours the collector of the process's records.
fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Collector).is_ok())
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Gives the library's own records to the sink of the process, and nothing else.
struct Collector;

fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "ucwa" || target.starts_with("ucwa::")
}

impl Subscriber for Collector {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // The level may change at any time, so it is looked at with each record.
        if is_ours(metadata) && metadata.is_event() { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = LOG.get().level.load(Ordering::Relaxed);
        number(*metadata.level()) <= wanted && is_ours(metadata) && metadata.is_event() && !inside_sink()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(sink) = LOG.get().sink.read().clone() else { return };
        let mut visitor = Fields::default();
        event.record(&mut visitor);
        let metadata = event.metadata();
        let record = Record {
            level: *metadata.level(),
            target: metadata.target(),
            message: visitor.message,
            fields: visitor.fields,
        };
        let Ok(()) = INSIDE.try_with(|inside| inside.set(true)) else { return };
        sink(&record);
        // Replaced meanwhile: what it captured is dropped here, and must not call the library either.
        drop(sink);
        let _ = INSIDE.try_with(|inside| inside.set(false));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            // Writing to a String does not fail.
            "message" => drop(write!(self.message, "{value:?}")),
            name => self.fields.push((name, format!("{value:?}"))),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            name => self.fields.push((name, value.to_owned())),
        }
    }
}
