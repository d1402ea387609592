//! participantInvitation, and what comes in.

use ucwa::model::{InvitationId, Outcome, Phase};
use ucwa::wire::{DeclineReason, Importance, InvitationState};
use ucwa_sim::{Ask, AskKind};

use super::{JOE, Stage, TOSH, patient, tosh, until_called};
use crate::host::{Host, simulator};

#[test]
fn an_invitation_starts_rings_and_ends() {
    let mut stage = Stage::new(|_, joe| joe.steps = vec!["Alerting".into(), "TeamRing".into()]);
    let id = stage.invite(JOE);
    stage
        .until_told(id, |phase, it| phase == Phase::Started && it.state == Some(InvitationState::Connecting));
    stage.until_told(id, |phase, it| phase == Phase::Updated && it.state == Some(InvitationState::Alerting));
    stage.until_told(id, |phase, it| phase == Phase::Updated && it.state == Some(InvitationState::TeamRing));
    stage.until_told(id, |phase, it| phase == Phase::Completed && it.outcome == Some(Outcome::Accepted));
}

#[test]
fn what_an_invitation_says() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    let said =
        stage.until_told(id, |_, it| it.importance == Some(Importance::Normal) && !it.thread_id.is_empty());
    assert_eq!((said.conversation, said.to.as_str()), (Some(stage.id), JOE));
}

#[test]
fn who_accepted() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    let ended = stage.until_told(id, |phase, _| phase == Phase::Completed);
    let joe = stage.until_joe(|_| true);
    assert_eq!(ended.accepted_by, [joe.id]);
}
#[test]
fn who_invites() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    stage.until_told(id, |_, it| it.from_uri == "sip:lene@contoso.com");
}

/// Two endpoints of Tosh ring; one of them declines.
fn declined(reason: DeclineReason) -> (Stage, InvitationId, Host, InvitationId) {
    let stage = Stage::new(|settings, _| patient(settings));
    let (mut one, mut other) = (tosh(&stage.simulator), tosh(&stage.simulator));
    let invited = stage.invite(TOSH);
    let call = until_called(&mut one, |call| call.outcome.is_none());
    let rings_on = until_called(&mut other, |call| call.outcome.is_none());
    let declined = one.session.decline_invitation(call, reason).unwrap();
    one.done(declined).expect("taken");
    assert_eq!(one.outcome(call).outcome, Some(Outcome::Declined));
    (stage, invited, other, rings_on)
}

#[test]
fn decline_local() {
    let (mut stage, invited, other, rings_on) = declined(DeclineReason::Local);
    let accepted = other.session.accept_invitation(rings_on).expect("it rings on");
    other.done(accepted).expect("accepted");
    assert_eq!(stage.host.outcome(invited).outcome, Some(Outcome::Accepted));
}

#[test]
fn decline_global() {
    let (mut stage, invited, mut other, rings_on) = declined(DeclineReason::Global);
    assert_eq!(stage.host.outcome(invited).outcome, Some(Outcome::Declined));
    other.outcome(rings_on);
}

/// What an inviter says and sends along, told to the one who is asked.
#[test]
fn what_an_inviter_sends_along() {
    let simulator = simulator(patient);
    let mut tosh = tosh(&simulator);
    let ask = Ask {
        text: Some("Hi Tosh".into()),
        subject: "Lunch".into(),
        importance: Some("Urgent".into()),
        custom_content: Some("data:foo/foo;base64,VGlja2V0IDc=".into()),
        ..Ask::new(AskKind::Messaging, TOSH)
    };
    simulator.control().ask("sip:ana@contoso.com", &ask).expect("she calls");
    until_called(&mut tosh, |call| {
        (call.message.as_str(), call.subject.as_str()) == ("Hi Tosh", "Lunch")
            && call.importance == Some(Importance::Urgent)
            && (call.custom_content.as_str(), call.custom_content_type.as_str()) == ("Ticket 7", "foo/foo")
            && call.from_uri == "sip:ana@contoso.com"
            && call.state == Some(InvitationState::Connecting)
    });
}
