//! Event pages in the three styles of the documentation (PROTOCOL, at the top): task samples, reference samples, seeds.

use ucwa::delivery::EventBody;
use ucwa::model::{Capability, ConversationId, Outcome};
use ucwa::session::Meeting;

use crate::documents::{
    APPLICATION, CONVERSATION, INVITATIONS, from_communication, from_conversation, invitation,
    invitation_body, may_invite, meeting_begins_with, page, usual,
};
use crate::host::{Host, ME, config, person};
use crate::server::{Reply, Server};

/// The captured order of an invitation that is taken, with senders that come again (PROTOCOL 5.2, 6.4).
#[test]
fn task_style_with_repeated_senders() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) =
        host.invite(&server, id, "sip:ana@contoso.com", "op1", Reply::created(&format!("{INVITATIONS}/60c")));
    host.done(posted).unwrap();
    let ana = person("ana");
    let modality = format!(
        r#"{{"link":{{"rel":"participantMessaging","href":"{ana}/messaging"}},"in":{{"rel":"participant","href":"{ana}","title":""}},"type":"added"}}"#
    );
    let title = r#"{"link":{"rel":"participant","href":"ANA","title":"Ana Vogel"},"type":"added"}"#
        .replace("ANA", &ana);
    let accepted = format!(
        r#","status":"Success","_embedded":{{"participantInvitation":{{"direction":"Outgoing","state":"Connected","operationId":"op1","_links":{{"conversation":{{"href":"{CONVERSATION}"}}}},"_embedded":{{"acceptedByParticipant":[{{"name":"","uri":"sip:ana@contoso.com","_links":{{"self":{{"href":"{ana}"}}}},"rel":"participant"}}]}},"rel":"participantInvitation"}}}}"#
    );
    server.always(
        &format!("GET {ana}"),
        Reply::json(&crate::documents::participant(&ana, "sip:ana@contoso.com", "")),
    );
    server.page(&page(
        2,
        &from_communication(&invitation("started", "60c", &invitation_body("60c", "op1", "Connecting"))),
    ));
    server.page(&page(
        3,
        &[
            from_conversation(&title),
            from_conversation(&modality),
            from_communication(&invitation("completed", "60c", &accepted)),
        ]
        .join(","),
    ));
    let ended = host.outcome(made);
    assert_eq!(ended.outcome, Some(Outcome::Accepted));
    let [who] = ended.accepted_by[..] else { panic!("{ended:?}") };
    assert_eq!(host.room(id)[&who].name, "Ana Vogel", "the title is the name until a body says better");
    // The body has no name of its own: what the title said stays.
    host.until_roster(id, &[ME, "sip:ana@contoso.com Ana_Vogel -"]);
    host.close();
}

/// Reference style: what the page tells of stands under another host and port than the page itself. It is the same
/// application: an identity is not a matter of the host.
#[test]
fn reference_style_with_absolute_addresses_on_another_host() {
    let fe1 = |body: String| body.replace("\"/ucwa/", "\"https://fe1.contoso.com:443/ucwa/");
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) =
        host.invite(&server, id, "sip:ana@contoso.com", "op1", Reply::created(&format!("{INVITATIONS}/303")));
    host.done(posted).unwrap();
    let ana = person("ana");
    let joined = r#"{"link":{"rel":"participant","href":"ANA"},"type":"added"}"#.replace("ANA", &ana);
    let senders = [
        from_communication(&invitation("started", "303", "")),
        from_conversation(&joined),
        from_conversation(&crate::documents::member("added", &ana, "leaders")),
        from_communication(&invitation("completed", "303", r#","status":"Success""#)),
    ];
    let next = format!(r#""next":{{"href":"{APPLICATION}/events?ack=3"}}"#);
    let body = fe1(page(2, &senders.join(",")));
    let body = body.replace(&fe1(next.clone()), &next);
    assert!(body.contains("https://fe1.contoso.com:443/") && body.contains(&next));
    server.page(&body);
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Accepted));
    host.until_roster(id, &[ME, "? ? Leader partial"]);
    assert_eq!(host.invitations().len(), 2, "the meeting's and this one");
    // Nothing was sent there, and everybody is known by the address of either form.
    server.page(&page(3, &from_conversation(&crate::documents::bare("deleted", &ana, ""))));
    host.until_roster(id, &[ME]);
    host.close();
}

/// Seed style: prefixes, bare relative addresses, equal acks.
#[test]
fn seed_style_with_bare_relative_addresses() {
    let server = Server::start();
    usual(&server);
    let host = Host::online(&config(&server));
    let started = host.session.start_meeting(&Meeting::default()).unwrap();
    server.page(&meeting_begins_with(&may_invite()));
    let id = ConversationId::new(host.done(started).unwrap()).unwrap();
    let mut host = host;
    let (made, _) = host.invite(
        &server,
        id,
        "sip:john@contoso.com",
        "op1",
        Reply::created(&format!("{INVITATIONS}/491")),
    );
    let seed = |ack: u32, sender: &str, events: &str| {
        let own = format!(r#"{{"href":"{{here}}{APPLICATION}/events?ack={ack}"}}"#);
        format!(
            r#"{{ "_links" : {{ "self" : {own}, "next" : {own} }}, "sender" : [ {{ {sender}, "events" : [ {events} ] }} ] }}"#
        )
    };
    let communication = r#""rel" : "ms:rtc:saas:communication", "href" : "communication""#;
    let conversation = r#""rel" : "ms:rtc:saas:conversation", "href" : "communication/conversations/21a1""#;
    let john = "communication/conversations/21a1/participants/631";
    let invited = |kind: &str, more: &str| {
        format!(
            r#"{{ "link" : {{ "rel" : "ms:rtc:saas:participantInvitation", "href" : "communication/participantInvitations/491" }}, {more} "type" : "{kind}" }}"#
        )
    };
    let person = |kind: &str| {
        format!(
            r#"{{ "link" : {{ "rel" : "ms:rtc:saas:participant", "href" : "{john}" }}, "type" : "{kind}" }}"#
        )
    };
    let body = r#"{"rel":"ms:rtc:saas:participant","anonymous":false,"name":"John Doe","organizer":false,"role":"Attendee","sourceNetwork":"SameEnterprise","uri":"sip:john@contoso.com",
        "_links":{"self":{"href":"JOHN"},"ms:rtc:saas:eject":{"href":"JOHN/eject"}}}"#;
    let at = format!("{APPLICATION}/{john}");
    server.always(&format!("GET {at}"), Reply::json(&body.replace("JOHN", &at)));
    server.page(&seed(67, communication, &invited("started", "")));
    server.page(&seed(67, conversation, &person("added")));
    server.page(&seed(67, communication, &invited("completed", r#""status" : "success","#)));
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Accepted));
    host.until_roster(id, &[ME, "sip:john@contoso.com John_Doe Attendee"]);
    let (john_id, can) =
        host.room(id).values().find(|p| p.name == "John Doe").map(|p| (p.id, p.can)).unwrap();
    assert!(can.has(Capability::Eject));
    server.once(&format!("POST {at}/eject"), Reply::no_content());
    let eject = host.session.act_on_participant(id, john_id, Capability::Eject).unwrap();
    host.done(eject).unwrap();
    server.page(&seed(67, conversation, &person("updated")));
    server.page(&seed(67, conversation, &person("deleted")));
    host.until_roster(id, &[ME]);
    host.close();
}

/// The invitation of the seed page that failed: lower-case words.
#[test]
fn seed_style_failure_in_lower_case() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, _) = host.invite(
        &server,
        id,
        "sip:john@contoso.com",
        "op1",
        Reply::created(&format!("{INVITATIONS}/491")),
    );
    let failed = r#","status":"failure","reason":{"code":"RemoteFailure","subcode":"declined"}"#;
    server.page(&page(2, &from_communication(&invitation("completed", "491", failed))));
    let ended = host.outcome(made);
    assert_eq!(ended.outcome, Some(Outcome::Declined));
    assert_eq!(ended.to, "sip:john@contoso.com");
    host.close();
}

/// The sender is no measure: what an event is about says its link (T-39). A sender without a rel, or with another one,
/// is the conversation when it is at the conversation's address.
#[test]
fn a_sender_without_a_rel_is_known_by_its_address() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let ana = crate::documents::embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana");
    let bo = crate::documents::embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo");
    let senders = [
        format!(r#"{{"href":"{CONVERSATION}","events":[{ana}]}}"#),
        format!(r#"{{"rel":"service:Conversation","href":"{CONVERSATION}","events":[{bo}]}}"#),
        // Conversation events with the conversation as the sender.
        from_conversation(
            &crate::documents::conversation("updated", "Conferenced", &may_invite())
                .replace("Task Sample", "New subject"),
        ),
    ];
    server.page(&page(2, &senders.join(",")));
    host.until_roster(id, &[ME, "sip:ana@contoso.com Ana -", "sip:bo@contoso.com Bo -"]);
    host.until("the new subject", |event| match &event.body {
        EventBody::Conversation(change) if change.conversation.subject == "New subject" => Some(()),
        _ => None,
    });
    host.close();
}
