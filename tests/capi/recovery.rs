//! A lost application, as a program in C has it: events only.

use std::ptr::null;

use ucwa::capi::*;
use ucwa_sim::StoryAction;

use crate::host::{Held, Host, config, happen, ok, simulator, text, until};

#[test]
fn a_lost_application_is_seen_by_events_alone() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(config(&simulator));
    happen(&simulator, StoryAction::Join, "sip:ana@contoso.com");
    // The phase and the id of each change of this person.
    let person = |uri: &'static str| {
        move |event: &Held| {
            let change = event.participant()?;
            let person = unsafe { &*change.participant };
            (text(person.uri) == uri).then_some((change.phase, person.id))
        }
    };
    let (_, ana) = host.until("Ana", person("sip:ana@contoso.com"));
    let application = simulator.control().truth().applications[0].id.clone();
    simulator.control().lose_application(&application).unwrap();
    let recovering = host.until("RECOVERING", |event| {
        let change = event.state().filter(|change| change.new_state == UCWA_STATE_RECOVERING)?;
        let error = unsafe { &*event.get().error };
        assert!(change.retry_in_ms >= 0);
        Some((change.attempt, text(error.subcode), text(error.message)))
    });
    assert_eq!((recovering.0, recovering.1.as_str()), (1, "ApplicationNotFound"), "{}", recovering.2);
    let mut online = 0;
    host.until("ONLINE again", |event| {
        online += u32::from(event.state().is_some_and(|change| change.new_state == UCWA_STATE_ONLINE));
        (online == 2).then_some(())
    });
    // The same conversation comes back, and nobody left it.
    let (mut away, mut back) = (false, false);
    host.until("Conferenced again", |event| {
        let change = event.conversation()?;
        assert_eq!(change.id, conversation);
        assert_ne!(change.phase, UCWA_PHASE_DELETED);
        away |= text(change.state).is_empty();
        back |= away && text(change.state) == "Conferenced";
        back.then_some(())
    });
    happen(&simulator, StoryAction::Join, "sip:bea@contoso.com");
    host.until("Bea", person("sip:bea@contoso.com"));
    until("a complete roster of three", || {
        let mut roster = null();
        ok(unsafe { ucwa_roster_snapshot(host.session, conversation, &mut roster) });
        let (complete, count) = unsafe { ((*roster).complete, (*roster).count) };
        unsafe { ucwa_roster_unref(roster) };
        (complete, count) == (1, 3)
    });
    let of_ana: Vec<_> = host.heard.iter().filter_map(person("sip:ana@contoso.com")).collect();
    assert!(
        of_ana
            .iter()
            .all(|change| *change == (UCWA_PHASE_UPDATED, ana) || *change == (UCWA_PHASE_ADDED, ana))
    );
}
