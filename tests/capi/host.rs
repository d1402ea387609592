//! A host as a C program is one: handles, pointers and statuses, nothing of the engine's own types.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

use ucwa::capi::*;
use ucwa_sim::{Settings, Simulator, StoryAction, StoryStep};

/// Long enough for a busy machine; nothing waits this long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PATIENCE_MS: i32 = 30_000;
pub(crate) const OK: ucwa_status = 0;
pub(crate) const PASSWORD: &str = "Pa55w.rd!";

/// A simulator whose people answer at once.
pub(crate) fn simulator(change: impl FnOnce(&mut Settings)) -> Simulator {
    let mut settings = Settings::default();
    settings.switches.answer_timeout_ms = 600;
    settings.switches.min_timeout_ms = Some(300);
    change(&mut settings);
    Simulator::start(settings).expect("the simulator starts")
}

pub(crate) fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// What the library lends out as text.
pub(crate) fn text(pointer: *const c_char) -> String {
    assert!(!pointer.is_null(), "text is never NULL");
    unsafe { CStr::from_ptr(pointer) }.to_str().expect("UTF-8").to_owned()
}

pub(crate) fn last_message() -> String {
    let mut buffer = vec![0u8; 4096];
    let len = unsafe { ucwa_last_error_message(buffer.as_mut_ptr().cast(), buffer.len()) };
    assert!(len < buffer.len());
    String::from_utf8(buffer.get(..len).unwrap().to_vec()).unwrap()
}

#[track_caller]
pub(crate) fn ok(status: ucwa_status) {
    assert_eq!(status, OK, "{}: {}", text(ucwa_status_name(status)), last_message());
}

#[track_caller]
pub(crate) fn fails(status: ucwa_status, code: ucwa_status_code) -> String {
    assert_eq!(text(ucwa_status_name(status)), format!("{code:?}"), "{}", last_message());
    last_message()
}

/// A configuration that reaches a simulator by its root URL; without credentials.
pub(crate) fn bare_config(simulator: &Simulator) -> *mut ucwa_config {
    let mut config = null_mut();
    unsafe {
        ok(ucwa_config_new(&mut config));
        ok(ucwa_config_set_discovery_url(config, c(&simulator.root_url()).as_ptr()));
        ok(ucwa_config_set_proxy(config, c"".as_ptr()));
        ok(ucwa_config_set(config, c"allow_http".as_ptr(), c"true".as_ptr()));
        ok(ucwa_config_set(config, c"retry.first_pause_ms".as_ptr(), c"10".as_ptr()));
    }
    config
}

pub(crate) fn config(simulator: &Simulator) -> *mut ucwa_config {
    let config = bare_config(simulator);
    let password = c(PASSWORD);
    ok(unsafe { ucwa_config_set_password(config, c"lene@contoso.com".as_ptr(), password.as_ptr()) });
    config
}

/// A session and a reader of everything. Frees both.
pub(crate) struct Host {
    pub(crate) session: *mut ucwa_session,
    pub(crate) reader: *mut ucwa_reader,
    pub(crate) heard: Vec<Held>,
}

/// An event that is held.
pub(crate) struct Held(pub(crate) *const ucwa_event);

impl Held {
    pub(crate) fn get(&self) -> &ucwa_event {
        unsafe { &*self.0 }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let mut len = 0;
        let json = text(unsafe { ucwa_event_json(self.0, &mut len) });
        assert_eq!(json.len(), len);
        serde_json::from_str(&json).unwrap()
    }

    pub(crate) fn op(&self) -> Option<&ucwa_op_event> {
        (self.get().r#type == UCWA_EVENT_OP_DONE).then(|| unsafe { &*self.get().u.op })
    }

    pub(crate) fn state(&self) -> Option<&ucwa_state_event> {
        (self.get().r#type == UCWA_EVENT_STATE).then(|| unsafe { &*self.get().u.state })
    }

    pub(crate) fn credentials(&self) -> Option<&ucwa_credentials_event> {
        (self.get().r#type == UCWA_EVENT_CREDENTIALS_NEEDED).then(|| unsafe { &*self.get().u.credentials })
    }

    pub(crate) fn invitation(&self) -> Option<&ucwa_invitation_event> {
        (self.get().r#type == UCWA_EVENT_INVITATION).then(|| unsafe { &*self.get().u.invitation })
    }

    pub(crate) fn conversation(&self) -> Option<&ucwa_conversation_event> {
        (self.get().r#type == UCWA_EVENT_CONVERSATION).then(|| unsafe { &*self.get().u.conversation })
    }

    pub(crate) fn participant(&self) -> Option<&ucwa_participant_event> {
        (self.get().r#type == UCWA_EVENT_PARTICIPANT).then(|| unsafe { &*self.get().u.participant })
    }

    pub(crate) fn overflow(&self) -> Option<&ucwa_overflow_event> {
        (self.get().r#type == UCWA_EVENT_OVERFLOW).then(|| unsafe { &*self.get().u.overflow })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        unsafe { ucwa_event_unref(self.0) };
    }
}

impl Host {
    /// Not opened. Frees the configuration.
    pub(crate) fn new(config: *mut ucwa_config) -> Host {
        let (mut session, mut reader) = (null_mut(), null_mut());
        unsafe {
            ok(ucwa_session_new(config, &mut session));
            ok(ucwa_config_free(config));
            ok(ucwa_reader_new(u64::MAX, 0, &mut reader));
        }
        ok(ucwa_reader_attach(reader, session));
        Host { session, reader, heard: Vec::new() }
    }

    pub(crate) fn open(&self) -> ucwa_op {
        let mut op = 0;
        ok(unsafe { ucwa_session_open(self.session, &mut op) });
        op
    }

    /// Waits for the end of an operation.
    pub(crate) fn done(&self, op: ucwa_op) -> (ucwa_status, u64) {
        let (mut result, mut id) = (99, 99);
        ok(unsafe { ucwa_session_wait(self.session, op, PATIENCE_MS, &mut result, &mut id) });
        (result, id)
    }

    pub(crate) fn online(config: *mut ucwa_config) -> Host {
        let host = Host::new(config);
        let op = host.open();
        assert_eq!(host.done(op), (OK, 0), "{}", last_message());
        host
    }

    pub(crate) fn in_a_meeting(config: *mut ucwa_config) -> (Host, ucwa_conversation_id) {
        let host = Host::online(config);
        let mut op = 0;
        ok(unsafe { ucwa_meeting_start(host.session, null(), &mut op) });
        let (result, conversation) = host.done(op);
        assert_eq!(result, OK, "{}", last_message());
        assert_ne!(conversation, 0);
        (host, conversation)
    }

    /// The next event; `None` at the end.
    pub(crate) fn next(&self, timeout_ms: i32) -> Option<Held> {
        let mut event = null();
        match unsafe { ucwa_reader_next(self.reader, timeout_ms, &mut event) } {
            OK => Some(Held(event)),
            status => {
                assert!(event.is_null());
                assert!(status == 1 || status == ucwa_status_code::UCWA_E_CLOSED as i32, "{status}");
                None
            }
        }
    }

    /// Reads events until one makes `pick` answer.
    pub(crate) fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&Held) -> Option<T>) -> T {
        if let Some(found) = self.heard.iter().find_map(&mut pick) {
            return found;
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(event) = self.next(200) else { continue };
            let found = pick(&event);
            self.heard.push(event);
            if let Some(found) = found {
                return found;
            }
        }
        let heard: Vec<_> = self.heard.iter().map(|event| event.json().to_string()).collect();
        panic!("{what} never came; heard: {heard:#?}");
    }

    /// Everything there is to hear until the session is over.
    pub(crate) fn rest(&mut self) {
        while let Some(event) = self.next(PATIENCE_MS) {
            self.heard.push(event);
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        ucwa_session_free(self.session);
        ucwa_reader_free(self.reader);
    }
}

/// User data that counts what happens to it.
pub(crate) struct Told {
    pub(crate) events: std::sync::Mutex<Vec<u32>>,
    pub(crate) destroyed: std::sync::atomic::AtomicUsize,
}

impl Told {
    pub(crate) fn new() -> &'static Told {
        Box::leak(Box::new(Told { events: Default::default(), destroyed: Default::default() }))
    }

    pub(crate) fn pointer(&'static self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    pub(crate) unsafe fn of(pointer: *mut c_void) -> &'static Told {
        unsafe { &*pointer.cast_const().cast() }
    }

    pub(crate) fn destroyed(&self) -> usize {
        self.destroyed.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// How many events of a kind came.
    pub(crate) fn count(&self, kind: u32) -> usize {
        self.events.lock().unwrap().iter().filter(|k| **k == kind).count()
    }
}

pub(crate) unsafe extern "C" fn on_event(told: *mut c_void, ev: *const ucwa_event) {
    unsafe { Told::of(told).events.lock().unwrap().push((*ev).r#type) };
}

pub(crate) unsafe extern "C" fn on_destroy(told: *mut c_void) {
    unsafe { Told::of(told).destroyed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) };
}

/// Looks until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "{what}: never");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Something happens in the meeting that is going on.
pub(crate) fn happen(simulator: &Simulator, action: StoryAction, who: &str) {
    let control = simulator.control();
    let meeting = control.truth().meetings.first().expect("a meeting").uri.clone();
    let step = StoryStep { at_ms: 0, action, uri: Some(who.into()), name: None, text: None };
    control.happen(&meeting, &step).expect("it happens");
}
