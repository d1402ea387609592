//! Handles that threads use and free at once: each object is freed once, and a stale handle leads nowhere.

use loom::thread;
use ucwa_loom::handles::Handles;

use super::*;

/// Whether this thread freed the handle, and what it found behind it before.
type Seen = (bool, Option<u32>);

fn uses_and_frees(handles: &Arc<Handles<u32>>, handle: usize) -> thread::JoinHandle<Seen> {
    let handles = Arc::clone(handles);
    thread::spawn(move || {
        let found = handles.get(handle);
        (handles.remove(handle).is_some(), found)
    })
}

#[test]
fn of_those_who_free_a_handle_one_does() {
    check(|| {
        let handles = Arc::new(Handles::new());
        let handle = handles.insert(7);
        let both = [(); 2].map(|()| uses_and_frees(&handles, handle));
        // A new one takes the freed place, if there is one: the old handle does not lead to it.
        let other = handles.insert(8);
        let both = both.map(|thread| thread.join().unwrap());
        assert_eq!(both.iter().filter(|(freed, _)| *freed).count(), 1);
        assert!(both.iter().all(|(_, found)| matches!(found, None | Some(7))));
        assert!(both.iter().any(|(_, found)| *found == Some(7)), "the first to look finds it");
        assert_eq!((handles.get(handle), handles.get(other)), (None, Some(8)));
    });
}

#[test]
fn what_is_made_and_freed_while_all_is_freed_is_freed_once() {
    check(|| {
        let handles = Arc::new(Handles::new());
        let handle = handles.insert(7);
        let frees = uses_and_frees(&handles, handle);
        let makes = thread::spawn({
            let handles = Arc::clone(&handles);
            move || handles.insert(8)
        });
        let drained = handles.drain();
        let (freed, _) = frees.join().unwrap();
        assert_ne!(freed, drained.contains(&7));
        let made = makes.join().unwrap();
        assert_ne!(handles.remove(made).is_some(), drained.contains(&8));
        assert_eq!(handles.get(handle), None);
    });
}
