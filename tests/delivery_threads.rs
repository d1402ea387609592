//! The threads of callbacks, counted. A process of its own: the count is of the whole process.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use ucwa::delivery::{Hub, Mask, Reader, Subscription, callback_threads};

#[test]
fn callback_threads_end_with_what_they_serve() {
    let hub = Hub::new();
    assert_eq!(callback_threads(), 0);
    let subscriptions: Vec<_> = (0..3).map(|_| Subscription::new(&hub, Mask::ALL, |_| ()).unwrap()).collect();
    let reader = Reader::new(Mask::ALL, 0);
    reader.set_wakeup(Some(Box::new(|| ()))).unwrap();
    assert_eq!(callback_threads(), 4);

    drop(subscriptions);
    assert_eq!(callback_threads(), 1, "free has waited for its thread's end");

    let (sender, dropped) = mpsc::channel::<()>();
    let last = Subscription::new(&hub, Mask::ALL, move |_| sender.send(()).unwrap()).unwrap();
    hub.discard();
    assert!(dropped.try_recv().is_err());
    assert_eq!(callback_threads(), 1, "so has discard");
    drop(last);

    drop(reader);
    let deadline = Instant::now() + Duration::from_secs(60);
    while callback_threads() > 0 {
        assert!(Instant::now() < deadline, "the thread of the wake-up goes on");
        std::thread::yield_now();
    }
}
