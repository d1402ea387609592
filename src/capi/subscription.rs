use std::ffi::c_void;

use super::event_object::{give, release};
use super::guard::{Failure, enter};
use super::handle::Kind;
use super::library::Object;
use super::reader::system;
use super::status::{Code, ucwa_status};
use super::user_data::{UserData, ucwa_destroy_cb};
use super::{ucwa_event, ucwa_session};
use crate::delivery::{Mask, Subscription};

/// A registration of a callback: an opaque checked handle.
pub struct ucwa_subscription {
    _opaque: [u8; 0],
}

/// Takes one event. ev is borrowed: ucwa_event_ref() keeps it. It may block and may call the library; what would wait
/// for the engine answers UCWA_E_WOULD_DEADLOCK there. It must return: no longjmp, no exception.
pub type ucwa_event_cb = Option<unsafe extern "C" fn(user_data: *mut c_void, ev: *const ucwa_event)>;

/// Events of the kinds in mask by callback, from now on: in order, one at a time, on a thread of this subscription.
/// Several parts of a program may subscribe, each to what it wants: UCWA_MASK(UCWA_EVENT_INVITATION) |
/// UCWA_MASK(UCWA_EVENT_PARTICIPANT). The handle is freed by the caller, also after the session is over.
///
/// Only within one subscription is the order promised. Two of one session have two threads: one may be told of the end
/// of a conversation before the other is told of the people who were in it. What has to come in order together is one
/// subscription; otherwise ucwa_event.seq tells which was first.
///
/// UCWA_E_NULL_ARG: cb is NULL. UCWA_E_RESOURCES: the system gives no thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_subscribe(
    s: *mut ucwa_session,
    mask: u64,
    cb: ucwa_event_cb,
    user_data: *mut c_void,
    destroy: ucwa_destroy_cb,
    out: *mut *mut ucwa_subscription,
) -> ucwa_status {
    enter("ucwa_session_subscribe", |call| {
        let out = call.out_pointer("out", out)?;
        let session = call.session(s)?;
        let cb = cb.ok_or_else(|| Failure::new(Code::UCWA_E_NULL_ARG, "cb is NULL"))?;
        let (data, receipt) = UserData::new(user_data, destroy);
        let hub = session.events();
        let subscription = Subscription::new(hub, Mask::from_bits(mask), move |event| {
            let borrowed = give(event);
            // SAFETY: the caller gave the function for this user data, which lives until `data` is dropped. The event
            // lives until it is released below.
            unsafe {
                cb(data.pointer(), borrowed);
                release(borrowed);
            }
        });
        let subscription = subscription.map_err(|error| system(&error))?;
        out.set(call.insert(Object::Subscription(subscription))?);
        receipt.take();
        Ok(())
    })
}

/// Ends a subscription. No callback starts any more; waits for a running one and for the destroy function. So never
/// hold a lock that the callback takes. Inside its own callback it does not wait: destroy runs when that has returned.
/// Inside another's it waits, except where the two would wait for each other.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_subscription_free(sub: *mut ucwa_subscription) -> ucwa_status {
    enter("ucwa_subscription_free", |call| {
        if let Some(Object::Subscription(subscription)) =
            call.remove("sub", Kind::Subscription, sub as usize)?
        {
            subscription.free();
        }
        Ok(())
    })
}

/// As ucwa_subscription_free(), but never waits: a callback that is running, or about to, still comes to its end; then
/// destroy tells that it is over. For a window thread that the callback sends messages to.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_subscription_free_async(sub: *mut ucwa_subscription) -> ucwa_status {
    enter("ucwa_subscription_free_async", |call| {
        if let Some(Object::Subscription(subscription)) =
            call.remove("sub", Kind::Subscription, sub as usize)?
        {
            subscription.free_async();
        }
        Ok(())
    })
}
