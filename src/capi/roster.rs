use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::conversation::{conversation_id, gone, ucwa_conversation_id};
use super::guard::{enter, plain};
use super::kept::Kept;
use super::library::process;
use super::participant::{ucwa_participant, ucwa_participant_id, view};
use super::status::ucwa_status;
use super::ucwa_session;
use crate::model::{Participant, Roster};

/// Who is in a room: a consistent picture, the same cost to take for 10 and for 10,000 people. Immutable and reference
/// counted: it may be kept, and read from any thread, after the session is gone. Apply later PARTICIPANT events with a
/// revision above its own.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_roster {
    /// Grows with the version.
    pub struct_size: u32,
    /// 0 while the server has not told everything yet.
    pub complete: u32,
    /// Grows by one with each change.
    pub revision: u64,
    /// Whose roster.
    pub conversation: ucwa_conversation_id,
    /// How many people, the lobby and the user included.
    pub count: usize,
}

/// Behind every `const ucwa_roster *`. C reads its beginning, so that stays first.
#[repr(C)]
struct RosterObject {
    header: ucwa_roster,
    roster: Roster,
    /// In order of joining, which is the order of the ids; made when the first person is asked for.
    people: OnceLock<Vec<Entry>>,
    /// Of the process that made it, which may be the parent of this one.
    count: &'static AtomicUsize,
}

struct Entry {
    person: Arc<Participant>,
    /// Made when this person is asked for.
    view: OnceLock<Box<View>>,
}

struct View {
    person: ucwa_participant,
    _kept: Kept,
}

// SAFETY: immutable once made, and all that the pointers lead to lives in `_kept`.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

/// Takes a snapshot of a roster, for the caller to unref. UCWA_E_NOT_FOUND: there is no conversation with this id (any
/// more).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_roster_snapshot(
    s: *const ucwa_session,
    c: ucwa_conversation_id,
    out: *mut *const ucwa_roster,
) -> ucwa_status {
    enter("ucwa_roster_snapshot", |call| {
        let out = call.out_object("out", out)?;
        let roster = call.session(s)?.roster(conversation_id(c)?).ok_or_else(|| gone(c))?;
        let header = ucwa_roster {
            struct_size: size_of::<ucwa_roster>() as u32,
            complete: u32::from(roster.is_complete()),
            revision: roster.revision(),
            conversation: roster.conversation().get(),
            count: roster.len(),
        };
        let count = &process().rosters;
        count.fetch_add(1, Ordering::SeqCst);
        let object = RosterObject { header, roster, people: OnceLock::new(), count };
        out.set(Arc::into_raw(Arc::new(object)).cast());
        Ok(())
    })
}

/// The person at place i, from 0, in the order of joining; borrowed from the roster. NULL: out of range, or r is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_roster_at(r: *const ucwa_roster, i: usize) -> *const ucwa_participant {
    plain("ucwa_roster_at", std::ptr::null(), || {
        let found = RosterObject::of(r).and_then(|object| object.people().get(i));
        found.map_or(std::ptr::null(), Entry::view)
    })
}

/// The person with this id; borrowed from the roster. NULL: not there, or r is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_roster_find(
    r: *const ucwa_roster,
    id: ucwa_participant_id,
) -> *const ucwa_participant {
    plain("ucwa_roster_find", std::ptr::null(), || {
        let found = RosterObject::of(r).and_then(|object| object.find(id));
        found.map_or(std::ptr::null(), Entry::view)
    })
}

/// Keeps a roster: each ref needs an unref. Returns r; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_roster_ref(r: *const ucwa_roster) -> *const ucwa_roster {
    plain("ucwa_roster_ref", (), || {
        if !r.is_null() {
            // SAFETY: it stands behind an Arc of ucwa_roster_snapshot, and the caller has a reference.
            unsafe { Arc::increment_strong_count(r.cast::<RosterObject>()) };
        }
    });
    r
}

/// Lets go of a roster; with the last reference it is gone, and with it its people. NULL: nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_roster_unref(r: *const ucwa_roster) {
    plain("ucwa_roster_unref", (), || {
        if !r.is_null() {
            // SAFETY: the caller has a reference, and gives it back.
            drop(unsafe { Arc::from_raw(r.cast::<RosterObject>()) });
        }
    });
}

impl RosterObject {
    unsafe fn of<'a>(r: *const ucwa_roster) -> Option<&'a RosterObject> {
        // SAFETY: NULL, or from ucwa_roster_snapshot and the caller has a reference. The header is the first field of a
        // repr(C) struct.
        unsafe { r.cast::<RosterObject>().as_ref() }
    }

    fn people(&self) -> &[Entry] {
        self.people.get_or_init(|| {
            let entry = |person: &Arc<Participant>| Entry { person: person.clone(), view: OnceLock::new() };
            self.roster.iter().map(entry).collect()
        })
    }

    fn find(&self, id: u64) -> Option<&Entry> {
        let people = self.people();
        let at = people.binary_search_by_key(&id, |entry| entry.person.id.get()).ok()?;
        people.get(at)
    }
}

impl Entry {
    fn view(&self) -> *const ucwa_participant {
        let view = self.view.get_or_init(|| {
            let mut kept = Kept::default();
            let person = view(&self.person, &mut kept);
            Box::new(View { person, _kept: kept })
        });
        &view.person
    }
}

impl Drop for RosterObject {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
