//! Who is in the room, whatever form the server tells it in (PROTOCOL 7.4 to 7.6, 8.4, 8.5).

use std::time::Instant;

use ucwa::delivery::EventBody;
use ucwa::model::{ConversationId, Outcome, Phase};
use ucwa::session::Meeting;
use ucwa::wire::ConversationState;

use crate::documents::{
    CONVERSATION, INVITATIONS, bare, conversation, embedded, from_communication, from_conversation, link,
    may_invite, meeting_begins_with, member, page, participant, usual,
};
use crate::host::{Host, ME, PATIENCE, config, person};
use crate::server::{Reply, Server};

/// In a meeting whose conversation offers these collections.
fn joined(server: &Server, collections: &[&str]) -> (Host, ConversationId) {
    usual(server);
    let host = Host::online(&config(server));
    let links: String = collections.iter().map(|rel| link(rel)).collect();
    let started = host.session.start_meeting(&Meeting::default()).unwrap();
    server.page(&meeting_begins_with(&format!("{}{links}", may_invite())));
    let id = host.done(started).expect("a meeting");
    (host, ConversationId::new(id).unwrap())
}

fn linked(rel: &str, members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, title)| format!(r#"{{"href":"{}","title":"{title}"}}"#, person(name)))
        .collect();
    format!(
        r#"{{"rel":"{rel}","_links":{{"self":{{"href":"{CONVERSATION}/{rel}"}},"participant":[{}]}}}}"#,
        members.join(",")
    )
}

fn embedding(rel: &str, members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, title)| participant(&person(name), &format!("sip:{name}@contoso.com"), title))
        .collect();
    format!(
        r#"{{"rel":"{rel}","_links":{{"self":{{"href":"{CONVERSATION}/{rel}"}}}},"_embedded":{{"participant":[{}]}}}}"#,
        members.join(",")
    )
}

fn until_complete(host: &Host, id: ConversationId, complete: bool) {
    let deadline = Instant::now() + PATIENCE;
    while host.session.roster(id).unwrap().is_complete() != complete {
        assert!(Instant::now() < deadline, "complete never became {complete}");
        std::thread::yield_now();
    }
}

#[test]
fn collections_as_links_or_embedded_and_the_lobby() {
    for members in [linked, embedding] {
        let server = Server::start();
        server.always(
            &format!("GET {CONVERSATION}/leaders"),
            Reply::json(&members("leaders", &[("lenea", "Lene Aaling")])),
        );
        server.always(
            &format!("GET {CONVERSATION}/attendees"),
            Reply::json(&members("attendees", &[("ana", "Ana"), ("bo", "Bo")])),
        );
        server.always(
            &format!("GET {CONVERSATION}/lobby"),
            Reply::json(&embedding("lobby", &[("gus", "Gus")])),
        );
        for (name, title) in [("lenea", "Lene Aaling"), ("ana", "Ana"), ("bo", "Bo")] {
            let body = participant(&person(name), &format!("sip:{name}@contoso.com"), title);
            server.always(&format!("GET {}", person(name)), Reply::json(&body));
        }
        let (mut host, id) = joined(&server, &["leaders", "attendees", "lobby"]);
        host.until_roster(
            id,
            &[
                "sip:lenea@contoso.com Lene_Aaling Leader local",
                "sip:ana@contoso.com Ana Attendee",
                "sip:bo@contoso.com Bo Attendee",
                "sip:gus@contoso.com Gus - lobby",
            ],
        );
        until_complete(&host, id, true);
        // Admitted: out of the lobby, into the attendees (PROTOCOL 8.5).
        let admitted =
            [member("deleted", &person("gus"), "lobby"), member("added", &person("gus"), "attendees")];
        server.page(&page(2, &from_conversation(&admitted.join(","))));
        // Rejected while nobody told of his coming: nothing.
        server.page(&page(3, &from_conversation(&member("deleted", &person("hal"), "lobby"))));
        server.page(&page(4, &from_conversation(&bare("deleted", &person("bo"), ""))));
        host.until_roster(
            id,
            &[
                "sip:lenea@contoso.com Lene_Aaling Leader local",
                "sip:ana@contoso.com Ana Attendee",
                "sip:gus@contoso.com Gus Attendee",
            ],
        );
        host.close();
    }
}

/// A collection that cannot be read: who is known stays, and the roster does not claim to be complete. Without the
/// lobby alone it is complete: an attendee may not see it.
#[test]
fn collections_that_are_refused() {
    let forbidden = Reply::status("403 Forbidden", r#"{"code":"Forbidden","subcode":"None"}"#);
    let missing = Reply::status("404 Not Found", r#"{"code":"NotFound"}"#);
    let proxy = Reply::html("200 OK");
    let rows = [
        ("attendees", forbidden.clone(), false),
        ("leaders", missing.clone(), false),
        ("attendees", proxy.clone(), false),
        ("lobby", forbidden, true),
        ("lobby", missing, true),
    ];
    for (refused, reply, complete) in rows {
        let server = Server::start();
        server.always(
            &format!("GET {CONVERSATION}/leaders"),
            Reply::json(&embedding("leaders", &[("lenea", "Lene Aaling")])),
        );
        server.always(
            &format!("GET {CONVERSATION}/attendees"),
            Reply::json(&embedding("attendees", &[("ana", "Ana")])),
        );
        server.always(&format!("GET {CONVERSATION}/lobby"), Reply::json(&embedding("lobby", &[])));
        server.always(&format!("GET {CONVERSATION}/{refused}"), reply);
        let (mut host, id) = joined(&server, &["leaders", "attendees", "lobby"]);
        for collection in ["leaders", "attendees", "lobby"] {
            server.until_asked(&format!("GET {CONVERSATION}/{collection}"), 1);
        }
        server.page(&page(
            2,
            &from_conversation(&embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo")),
        ));
        let leader = if refused == "leaders" { ME } else { "sip:lenea@contoso.com Lene_Aaling Leader local" };
        let mut expected = vec![leader, "sip:bo@contoso.com Bo -"];
        if refused != "attendees" {
            expected.push("sip:ana@contoso.com Ana Attendee");
        }
        host.until_roster(id, &expected);
        if complete {
            until_complete(&host, id, true);
        } else {
            assert!(!host.session.roster(id).unwrap().is_complete(), "{refused}");
        }
        host.close();
    }
}

/// A conference that offers no collections at all is asked about once, and goes by its events.
#[test]
fn no_collections_offered() {
    let server = Server::start();
    let (mut host, id) = joined(&server, &[]);
    server.until_asked(&format!("GET {CONVERSATION}"), 1);
    server.page(&page(2, &from_conversation(&embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo"))));
    server.page(&page(3, &from_communication(&conversation("updated", "Conferenced", &may_invite()))));
    server.page(&page(4, &from_conversation(&embedded("added", &person("cy"), "sip:cy@contoso.com", "Cy"))));
    host.until_roster(id, &[ME, "sip:bo@contoso.com Bo -", "sip:cy@contoso.com Cy -"]);
    assert_eq!(server.asked(&format!("GET {CONVERSATION}")).len(), 1);
    assert!(!host.session.roster(id).unwrap().is_complete());
    host.close();
}

/// One person under many spellings of one address (T-3).
#[test]
fn one_person_in_many_spellings() {
    let server = Server::start();
    let (mut host, id) = joined(&server, &[]);
    let spelled = |user: &str| format!("{CONVERSATION}/participants/{user}");
    server.page(&page(
        2,
        &from_conversation(&embedded(
            "added",
            &spelled("saraD@contoso.com"),
            "sip:sarad@contoso.com",
            "Sara",
        )),
    ));
    host.until_roster(id, &[ME, "sip:sarad@contoso.com Sara -"]);
    let more = [
        member("added", &spelled("sarad%40contoso.com"), "leaders"),
        member("added", &spelled("SARAD@Contoso.com"), "typingParticipants"),
        embedded(
            "added",
            &spelled("sarad%40Contoso.com?endpointId=sip%3ax"),
            "sip:sarad@contoso.com",
            "Sara Davis",
        ),
    ];
    server.page(&page(3, &from_conversation(&more.join(","))));
    host.until_roster(id, &[ME, "sip:sarad@contoso.com Sara_Davis Leader typing"]);
    let phone = embedded("added", &spelled("tel:+14254996692"), "tel:+14254996692", "");
    server.page(&page(
        4,
        &from_conversation(&[bare("deleted", &spelled("sAraD@contoso.com"), ""), phone].join(",")),
    ));
    host.until_roster(id, &[ME, "tel:+14254996692 tel:+14254996692 -"]);
    server.page(&page(5, &from_conversation(&bare("deleted", &spelled("tel%3A%2B14254996692"), ""))));
    host.until_roster(id, &[ME]);
    host.close();
}

/// Updated without a body is read again; a body that is not to be had leaves what is known; strangers who go are
/// nothing (T-8, T-9, T-10).
#[test]
fn updates_without_a_body_and_people_who_cannot_be_read() {
    let server = Server::start();
    let (mut host, id) = joined(&server, &[]);
    let events = [
        embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana"),
        bare("added", &person("bo"), "Bo"),
        bare("added", &person("bo"), "Bo"),
        bare("updated", &person("cy"), "Cy"),
        bare("deleted", &person("nobody"), "Nobody"),
    ];
    server.page(&page(2, &from_conversation(&events.join(","))));
    host.until_roster(id, &[ME, "sip:ana@contoso.com Ana -", "? Bo - partial", "? Cy - partial"]);
    server.until_asked(&format!("GET {}", person("bo")), 1);
    let renamed = participant(&person("ana"), "sip:ana@contoso.com", "Ana Vogel");
    server.always(&format!("GET {}", person("ana")), Reply::json(&renamed));
    let bo = participant(&person("bo"), "sip:bo@contoso.com", "");
    server.always(&format!("GET {}", person("bo")), Reply::json(&bo));
    let events = [bare("updated", &person("ana"), ""), bare("updated", &person("bo"), "")];
    server.page(&page(3, &from_conversation(&events.join(","))));
    host.until_roster(
        id,
        &[ME, "sip:ana@contoso.com Ana_Vogel -", "sip:bo@contoso.com Bo -", "? Cy - partial"],
    );
    // He who cannot be read is not asked for without end.
    assert_eq!(server.asked(&format!("GET {}", person("cy"))).len(), 1);
    host.close();
}

/// A body that was asked for before somebody left does not bring him back.
#[test]
fn an_answer_that_comes_too_late_revives_nobody() {
    let server = Server::start();
    let (mut host, id) = joined(&server, &[]);
    let late = participant(&person("ana"), "sip:ana@contoso.com", "Ana");
    server.always(&format!("GET {}", person("ana")), Reply::json(&late).held());
    server.page(&page(2, &from_conversation(&bare("added", &person("ana"), "Ana"))));
    server.until_asked(&format!("GET {}", person("ana")), 1);
    server.page(&page(3, &from_conversation(&bare("deleted", &person("ana"), ""))));
    host.until_roster(id, &[ME]);
    server.release();
    server.page(&page(4, &from_conversation(&embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo"))));
    host.until_roster(id, &[ME, "sip:bo@contoso.com Bo -"]);
    host.close();
}

/// The same for collections: who left, or came, after they were asked for, is believed by his events.
#[test]
fn a_collection_that_comes_too_late_revives_and_removes_nobody() {
    let server = Server::start();
    server.always(
        &format!("GET {CONVERSATION}/leaders"),
        Reply::json(&embedding("leaders", &[("lenea", "Lene Aaling")])),
    );
    let old = embedding("attendees", &[("ana", "Ana"), ("dan", "Dan")]);
    server.always(&format!("GET {CONVERSATION}/attendees"), Reply::json(&old).held());
    let (mut host, id) = joined(&server, &["leaders", "attendees"]);
    server.until_asked(&format!("GET {CONVERSATION}/attendees"), 1);
    let events = [
        embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana"),
        bare("deleted", &person("ana"), ""),
        embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo"),
    ];
    server.page(&page(2, &from_conversation(&events.join(","))));
    host.until("Bo", |event| match &event.body {
        EventBody::Participant(change) if change.participant.name == "Bo" => Some(()),
        _ => None,
    });
    server.release();
    host.until_roster(
        id,
        &[
            "sip:lenea@contoso.com Lene_Aaling Leader local",
            "sip:bo@contoso.com Bo -",
            "sip:dan@contoso.com Dan Attendee",
        ],
    );
    until_complete(&host, id, true);
    host.close();
}

/// The end of a conversation as clients take it: Disconnected, with or without `deleted` after it, and links that are
/// left over allow nothing (PROTOCOL 8.6, T-46). What was under way in it ends.
#[test]
fn disconnected_is_the_end_whether_deleted_follows_or_not() {
    for deleted in [true, false] {
        let server = Server::start();
        let (mut host, id) = joined(&server, &[]);
        let (made, _) = host.invite(
            &server,
            id,
            "sip:ana@contoso.com",
            "op1",
            Reply::created(&format!("{INVITATIONS}/1")),
        );
        let over = conversation("updated", "Disconnected", &may_invite()).replace(
            r#","type":"updated""#,
            r#","reason":{"code":"Informational","subcode":"Ended"},"type":"updated""#,
        );
        let gone = format!(r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"type":"deleted"}}"#);
        let events = if deleted { format!("{over},{gone}") } else { over };
        server.page(&page(2, &from_communication(&events)));
        let reason = host.until("the end", |event| match &event.body {
            EventBody::Conversation(change)
                if change.conversation.state == Some(ConversationState::Disconnected) =>
            {
                Some(change.conversation.reason.clone())
            }
            _ => None,
        });
        assert_eq!(reason.expect("a reason").subcode, "Ended");
        let refused =
            host.session.add_participant(id, "sip:bo@contoso.com", &Default::default()).unwrap_err();
        assert!(
            matches!(refused.kind(), ucwa::ErrorKind::NotAllowed | ucwa::ErrorKind::NotFound),
            "{refused}"
        );
        assert_eq!(host.outcome(made).outcome, Some(Outcome::Lost));
        if deleted {
            host.until("deleted", |event| match &event.body {
                EventBody::Conversation(change) if change.phase == Phase::Deleted => Some(()),
                _ => None,
            });
        }
        host.close();
    }
}

/// The user himself under two addresses (PROTOCOL 7.5): one entry, whether `local` says so or the link `me`.
#[test]
fn the_user_himself_stands_once() {
    let own = format!(r#"{{"self":{{"href":"{CONVERSATION}/participants/196"}}"#);
    let says_local =
        format!(r#"{{"uri":"sip:lenea@contoso.com","name":"Lene Aaling","local":true,"_links":{own}}}}}"#);
    let links_me = format!(
        r#"{{"uri":"sip:lenea@contoso.com","name":"Lene Aaling","_links":{own},"me":{{"href":"/ucwa/oauth/v1/applications/105/me"}}}}}}"#
    );
    for body in [says_local, links_me] {
        for embed in [true, false] {
            let server = Server::start();
            let leaders = match embed {
                true => format!(r#"{{"rel":"leaders","_embedded":{{"participant":[{body}]}}}}"#),
                false => format!(
                    r#"{{"rel":"leaders","_links":{{"participant":[{{"href":"{CONVERSATION}/participants/196"}}]}}}}"#
                ),
            };
            server.always(&format!("GET {CONVERSATION}/leaders"), Reply::json(&leaders));
            server.always(&format!("GET {CONVERSATION}/attendees"), Reply::json(&linked("attendees", &[])));
            server.always(&format!("GET {CONVERSATION}/participants/196"), Reply::json(&body));
            let (mut host, id) = joined(&server, &["leaders", "attendees"]);
            until_complete(&host, id, true);
            host.until_roster(id, &["sip:lenea@contoso.com Lene_Aaling Leader local"]);
            // Under either address it is he.
            let other = format!("{CONVERSATION}/participants/196");
            let typing = member("added", &other, "typingParticipants");
            server.page(&page(2, &from_conversation(&typing)));
            host.until_roster(id, &["sip:lenea@contoso.com Lene_Aaling Leader local typing"]);
            host.close();
        }
    }
}
