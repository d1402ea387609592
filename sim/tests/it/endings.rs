//! How an invitation is refused, what it goes through, and how it ends: word for word as a script says.

use serde_json::{Value, json};
use ucwa_sim::{
    Answer, Behaviour, Embedding, ErrorName, ErrorParameters, Fault, FaultKind, Outcome, Person, ScriptedEnd,
    Simulator, error_names,
};

use crate::common::{Channel, Session, has_link, href, start, start_with};

const EVA: &str = "sip:eva@contoso.com";

fn add_eva(sim: &Simulator, change: impl FnOnce(&mut Person)) {
    let behaviour = Behaviour::new(Answer::Decline, 1);
    let mut eva = Person { uri: EVA.into(), name: "Eva".into(), behaviour, ..Person::default() };
    change(&mut eva);
    sim.control().add_person(eva).expect("added");
}

fn invite(session: &Session, conversation: &Value, to: &str) -> crate::common::Answer {
    session.post(href(conversation, "addParticipant"), &json!({"operationId": "op", "to": to}))
}

/// The events of participantInvitations among those that are seen.
fn steps(events: &Channel<'_>, skip: usize) -> Vec<String> {
    let lines = events.seen.iter().skip(skip).filter(|seen| seen.rel == "participantInvitation");
    lines.map(|seen| seen.line().replace("communication: participantInvitation ", "")).collect()
}

/// Every synchronous error can be had for a person and for a request, by its name.
#[test]
fn every_error_has_a_name() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let table = [
        ("AlreadyExists", 409, "Conflict", "AlreadyExists"),
        ("TooManyGroups", 409, "Conflict", "TooManyGroups"),
        ("None", 409, "Conflict", "None"),
        ("CannotRedirect", 410, "Gone", "CannotRedirect"),
        ("CallbackChannelError", 500, "ServiceFailure", "CallbackChannelError"),
        ("ParameterValidationFailure", 400, "BadRequest", "ParameterValidationFailure"),
        ("ApplicationNotFound", 404, "NotFound", "ApplicationNotFound"),
        ("ServiceTimeout", 504, "Timeout", "Timeout"),
        ("VersionNotSupported", 404, "NotFound", "APIVersionNotSupported"),
        ("ExchangeServiceFailure", 500, "ExchangeServiceFailure", "None"),
    ];
    for (name, status, code, subcode) in table {
        let error: ErrorName = name.parse().expect("a name");
        add_eva(&sim, |eva| eva.refused = Some(error));
        assert_eq!(
            invite(&lene, &conversation, EVA).error(),
            (status, code.into(), subcode.into()),
            "{name}"
        );
    }
    assert!(error_names().count() > table.len());
    for name in error_names() {
        let name: ErrorName = name.parse().expect("a name");
        let does = FaultKind::Error { name: name.clone(), parameters: Vec::new() };
        sim.control().set_fault(Fault::once("POST", "participantInvitations", does).to(EVA));
        assert_eq!(invite(&lene, &conversation, "sip:stranger@x.y").status, 201, "not for him");
        let answer = invite(&lene, &conversation, EVA);
        assert!((400..600).contains(&answer.status), "{name:?}");
        assert!(!answer.json()["code"].as_str().expect("a code").is_empty());
    }
    assert!("Nonsense".parse::<ErrorName>().is_err());
    let refused = sim.control().truth();
    assert!(refused.invitations.iter().all(|i| i.to.as_deref() != Some(EVA)), "none was carried out");
}

#[test]
fn the_wrong_parameters_are_named_in_both_shapes() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let (conversation, _) = lene.channel().start_meeting();
    add_eva(&sim, |eva| {
        eva.refused = Some("ParameterValidationFailure".parse().expect("a name"));
        eva.refused_parameters = vec![("to".into(), "Invalid".into()), ("subject".into(), "TooLong".into())];
    });
    let parameters = |to: &str| invite(&lene, &conversation, to).json()["parameters"].clone();
    let list = json!([{"name": "to", "reason": "Invalid"}, {"name": "subject", "reason": "TooLong"}]);
    assert_eq!(parameters(EVA), list);
    assert_eq!(parameters("nobody"), json!([{"name": "to", "reason": "Invalid"}]));
    sim.control().change_switches(|switches| switches.error_parameters = ErrorParameters::Object);
    assert_eq!(parameters(EVA), json!({"to": "Invalid", "subject": "TooLong"}));
    assert_eq!(parameters("nobody"), json!({"to": "Invalid"}));
}

/// Subcodes whose text concerns invitations, each with a code and a state of its own.
#[test]
fn an_invitation_ends_word_for_word() {
    let cases = [
        ("RemoteFailure", "TemporarilyUnavailable", "Failed", Some("Failure"), Outcome::Unreachable),
        ("RemoteFailure", "NotAcceptable", "Declined", Some("Failure"), Outcome::Declined),
        ("Timeout", "Timeout", "Failed", Some("Failure"), Outcome::NoAnswer),
        ("Conflict", "TooManyParticipants", "Failed", None, Outcome::Failed),
        ("LocalFailure", "Canceled", "Cancelled", None, Outcome::Cancelled),
        ("NotAcceptable", "", "Failed", Some("failure"), Outcome::Failed),
        ("GatewayTimeout", "SomethingNew", "SomethingElse", Some("Failure"), Outcome::Failed),
    ];
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    for (code, subcode, state, status, outcome) in cases {
        let end = ScriptedEnd {
            state: state.into(),
            status: status.map(str::to_owned),
            message: None,
            ..ScriptedEnd::new(code, subcode, outcome)
        };
        add_eva(&sim, |eva| eva.end = Some(end));
        let skip = events.seen.len();
        let place = invite(&lene, &conversation, EVA).expect(201);
        let end = events.until_after(skip, "communication: participantInvitation completed");
        assert_eq!(end.event.get("status").and_then(Value::as_str), status, "{subcode}");
        assert_eq!(end.body()["state"], state);
        let reason = &end.event["reason"];
        assert_eq!((&reason["code"], &reason["message"]), (&json!(code), &Value::Null));
        assert_eq!(reason.get("subcode").and_then(Value::as_str), Some(subcode).filter(|s| !s.is_empty()));
        let truth = sim.control().truth();
        let last = truth.invitations.last().expect("it");
        assert_eq!((last.outcome, last.code.as_deref()), (Some(outcome), Some(code)));
        assert_eq!(lene.get(place.header("Location").expect("Location"))["state"], state);
    }
}

#[test]
fn what_rings_may_go_through_states() {
    let sim = start_with(|settings| settings.switches.invitation_alerting = true);
    add_eva(&sim, |eva| {
        eva.behaviour = Behaviour::new(Answer::Accept, 100);
        eva.steps = vec!["Forwarded".into(), "TeamRing".into()];
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let skip = events.seen.len();
    invite(&lene, &conversation, EVA).expect(201);
    events.until_after(skip, "communication: participantInvitation completed");
    assert_eq!(
        steps(&events, skip),
        [
            "started Connecting",
            "updated Alerting",
            "updated Forwarded",
            "updated TeamRing",
            "completed Success Connected",
        ]
    );
}

/// What the pages allow to be missing.
#[test]
fn events_of_an_invitation_may_lack_nearly_everything() {
    let sim = start_with(|settings| {
        settings.switches.invitation_started = false;
        settings.switches.completed_status = false;
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let start = lene.communication("startOnlineMeeting");
    lene.post(start, &json!({"operationId": "start"})).expect(201);
    let joined = events.until("communication: onlineMeetingInvitation completed");
    assert!(joined.event.get("status").is_none());
    let conversation = lene.get(href(joined.body(), "conversation"));
    let skip = events.seen.len();
    invite(&lene, &conversation, "sip:bo@contoso.com").expect(201);
    events.until_after(skip, "communication: participantInvitation completed");
    assert_eq!(steps(&events, skip), ["completed Connected"]);

    sim.control().change_switches(|switches| {
        switches.invitation_started = true;
        switches.invitation_embedded = Embedding::Lean;
    });
    let skip = events.seen.len();
    invite(&lene, &conversation, "sip:dan@contoso.com").expect(201);
    let started = events.until_after(skip, "communication: participantInvitation started");
    let keys: Vec<_> = started.body().as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["_links", "direction", "importance", "operationId", "rel", "state"]);
    let links = started.body()["_links"].as_object().expect("links").len();
    assert!(links == 2 && has_link(started.body(), "self") && has_link(started.body(), "conversation"));
    assert!(has_link(&lene.get(&started.href), "from"), "the whole is there for who asks");

    sim.control().change_switches(|switches| switches.invitation_embedded = Embedding::None);
    let skip = events.seen.len();
    invite(&lene, &conversation, "sip:bea@contoso.com").expect(201);
    let started = events.until_after(skip, "communication: participantInvitation started");
    let keys: Vec<_> = started.event.as_object().expect("an event").keys().map(String::as_str).collect();
    assert_eq!(keys, ["link", "type"], "as the reference prints it");
}

/// Every property and link of the page, at its time.
#[test]
fn the_resource_has_everything_of_its_page() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let body = json!({
        "to": "sip:bo@contoso.com", "operationId": "op", "subject": "s", "onBehalfOf": "Boss", "threadId": "t",
        "customContent": "data:a/b,c", "_links": {"message": {"href": "data:text/plain,Hi"}},
    });
    let made = lene.post(href(&conversation, "addParticipant"), &body).expect(201);
    let place = made.header("Location").expect("Location").to_owned();
    let open = lene.get(&place);
    for name in ["direction", "importance", "operationId", "state", "subject", "threadId", "to", "onBehalfOf"]
    {
        assert!(open.get(name).is_some_and(Value::is_string), "{name}");
    }
    for rel in ["self", "cancel", "conversation", "from", "to", "message", "customContent", "application"] {
        assert!(has_link(&open, rel), "{rel}");
    }
    assert_eq!(lene.get(href(&open, "to"))["uri"], "sip:bo@contoso.com");
    assert_eq!(lene.get(href(&open, "application"))["rel"], "application");
    assert_eq!(lene.get(href(&open, "from"))["local"], true);
    assert!(!has_link(&open, "participant"), "he is not there yet");
    events.until("communication: participantInvitation completed Success");
    let done = lene.get(&place);
    assert!(!has_link(&done, "cancel"));
    assert_eq!(lene.get(href(&done, "participant"))["uri"], "sip:bo@contoso.com");
    assert!(done["_links"]["acceptedByParticipant"].is_array());
    assert_eq!(done["_embedded"]["acceptedByParticipant"][0]["name"], "Bo Lind");
    let bad = json!({"to": EVA, "modalities": ["Telepathy"]});
    assert_eq!(lene.post(href(&conversation, "addParticipant"), &bad).error().0, 400);
}
