//! Odd people: by phone, without a name, guests, namesakes, one who is there twice, from other networks.

use serde_json::json;
use ucwa_sim::{Answer, Behaviour, HrefSpelling, Person, StoryAction, StoryStep};

use crate::common::{Session, happen, has_link, href, start, start_with};

const PHONE: &str = "tel:+14255550100";

fn caller(name: &str) -> Person {
    Person {
        uri: PHONE.into(),
        name: name.into(),
        behaviour: Behaviour::new(Answer::Accept, 1),
        ..Person::default()
    }
}

#[test]
fn somebody_is_called_by_phone() {
    let sim = start();
    sim.control().add_person(caller("")).expect("a number is an address");
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let body = json!({"to": PHONE, "operationId": "op"});
    lene.post(href(&conversation, "addParticipant"), &body).expect(201);
    let added = events.until("conversation: participant added");
    assert!(added.href.ends_with("/participants/tel:+14255550100"), "{}", added.href);
    assert_eq!(added.event["link"]["title"], "+14255550100", "a nameless caller is shown by his number");
    let him = lene.get(&added.href);
    assert_eq!((&him["uri"], &him["name"]), (&json!(PHONE), &json!("")));
    assert_eq!(him["sourceNetwork"], "Unknown");
    assert_eq!(lene.get(href(&him, "contact"))["uri"], PHONE);
    events.until("communication: participantInvitation completed Success");

    sim.control().change_switches(|switches| switches.dial_out = false);
    let skip = events.seen.len();
    lene.post(href(&conversation, "addParticipant"), &json!({"to": "tel:+1999"})).expect(201);
    let end = events.until_after(skip, "communication: participantInvitation completed Failure");
    assert_eq!(end.event["reason"]["subcode"], "DialoutNotAllowed");
    for bad in ["tel:", "tel:call me", "tel", "+1425"] {
        let refused = lene.post(href(&conversation, "addParticipant"), &json!({"to": bad}));
        assert_eq!(refused.status, 400, "{bad}");
    }
}

#[test]
fn one_account_can_be_there_twice_and_two_can_have_one_name() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let bo = "sip:bo@contoso.com";
    assert!(sim.control().happen(&uri, &StoryStep::new(0, StoryAction::JoinAgain, bo)).is_err());
    happen(&sim, &uri, StoryAction::Join, bo);
    happen(&sim, &uri, StoryAction::JoinAgain, bo);
    let twin = StoryStep {
        name: Some("Bo Lind".into()),
        ..StoryStep::new(0, StoryAction::Join, "sip:bo2@contoso.com")
    };
    sim.control().happen(&uri, &twin).expect("a namesake");
    let attendees = lene.get(href(&conversation, "attendees"))["_links"]["participant"].clone();
    let links: Vec<(String, String)> = attendees
        .as_array()
        .expect("a list")
        .iter()
        .map(|link| (link["href"].to_string(), link["title"].to_string()))
        .collect();
    assert_eq!(links.len(), 3);
    assert!(links.iter().all(|(_, title)| title == "\"Bo Lind\""));
    let mut hrefs: Vec<_> = links.iter().map(|(href, _)| href).collect();
    hrefs.dedup();
    assert_eq!(hrefs.len(), 3, "each has a path of his own");
    // The second one is named by his path, and goes alone.
    happen(&sim, &uri, StoryAction::Leave, "sip:bo@contoso.com;2");
    let roster = sim.control().truth().meetings[0].roster.clone();
    let there: Vec<_> = roster.iter().map(|entry| (entry.uri.as_str(), entry.path.as_str())).collect();
    assert_eq!(
        there,
        [
            ("sip:lene@contoso.com", "lene@contoso.com"),
            (bo, "bo@contoso.com"),
            ("sip:bo2@contoso.com", "bo2@contoso.com"),
        ]
    );
    let skip = events.seen.len();
    happen(&sim, &uri, StoryAction::Leave, bo);
    let gone = events.until_after(skip, "conversation: participant deleted");
    assert!(gone.href.contains("/participants/bo@contoso.com"));
}

#[test]
fn people_have_networks_numbers_and_no_names() {
    let sim = start_with(|settings| {
        settings.people.push(Person {
            uri: "sip:pat@public.example".into(),
            source_network: Some("PublicCloud".into()),
            work_phone: Some("tel:+1425111".into()),
            other_phone: Some("tel:+1425222".into()),
            ..Person::default()
        });
        settings.people.push(Person {
            uri: "sip:gus@guests.example".into(),
            anonymous: true,
            name: "Gus".into(),
            ..Person::default()
        });
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let look = |who: &str| lene.get(&format!("{}/participants/{who}", href(&conversation, "self")));
    for who in [
        "sip:pat@public.example",
        "sip:gus@guests.example",
        "sip:fay@fabrikam.com",
        "sip:1@anonymous.invalid",
    ] {
        happen(&sim, &uri, StoryAction::Join, who);
    }
    let pat = look("pat@public.example");
    assert_eq!((&pat["sourceNetwork"], &pat["name"]), (&json!("PublicCloud"), &json!("")));
    assert_eq!(
        (&pat["workPhoneNumber"], &pat["otherPhoneNumber"]),
        (&json!("tel:+1425111"), &json!("tel:+1425222"))
    );
    let gus = look("gus@guests.example");
    assert_eq!((&gus["anonymous"], &gus["sourceNetwork"]), (&json!(true), &json!("Everyone")));
    let fay = look("fay@fabrikam.com");
    assert_eq!((&fay["sourceNetwork"], &fay["anonymous"]), (&json!("Federated"), &json!(false)));
    assert_eq!(look("1@anonymous.invalid")["anonymous"], true);
    assert!(pat.get("workPhoneNumber").is_some() && fay.get("workPhoneNumber").is_none());
    assert!(has_link(&pat, "eject") && pat["organizer"] == false);
    let nameless = events.until("conversation: participant added");
    assert_eq!(nameless.event["link"]["title"], "");
    let truth = sim.control().truth().meetings[0].roster[1].clone();
    assert_eq!((truth.source_network.as_str(), truth.name.as_str()), ("PublicCloud", ""));
}

/// The same participant under every spelling of his href that traces show.
#[test]
fn hrefs_can_be_spelled_in_many_ways() {
    for spelling in [HrefSpelling::Encoded, HrefSpelling::Mixed] {
        let sim = start_with(|settings| settings.switches.href_spelling = spelling);
        let lene = Session::sign_in(&sim, "lene");
        let mut events = lene.channel();
        let (conversation, uri) = events.start_meeting();
        happen(&sim, &uri, StoryAction::Join, "sip:bo@contoso.com");
        let added = events.until("conversation: participant added");
        assert!(added.href.ends_with("/participants/bo%40contoso.com"), "{}", added.href);
        assert_eq!(lene.get(&added.href)["uri"], "sip:bo@contoso.com");
        let attendees = lene.get(href(&conversation, "attendees"));
        let listed = attendees["_links"]["participant"][0]["href"].as_str().expect("an href").to_owned();
        assert_eq!(listed == added.href, spelling == HrefSpelling::Encoded);
        assert_eq!(lene.get(&listed)["uri"], "sip:bo@contoso.com");
    }
}

/// Orders and omissions that the pages leave open.
#[test]
fn memberships_may_come_first_and_those_who_are_there_untold() {
    let sim = start_with(|settings| {
        settings.switches.membership_first = true;
        settings.switches.present_on_joining = false;
    });
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (_, uri) = host.start_meeting();
    let (his, _) = events.join_meeting(&uri);
    assert!(events.seen.iter().all(|seen| seen.rel != "participant"), "{:?}", events.lines());
    let leaders = tosh.get(href(&his, "leaders"))["_links"]["participant"].clone();
    assert_eq!(leaders.as_array().map(Vec::len), Some(1), "whoever asks learns it");
    host.until("communication: conversation updated Conferenced");
    for (action, lines) in [
        (
            StoryAction::Join,
            ["conversation: participant added in attendees", "conversation: participant added"],
        ),
        (
            StoryAction::Leave,
            ["conversation: participant deleted", "conversation: participant deleted in attendees"],
        ),
    ] {
        let skip = events.seen.len();
        happen(&sim, &uri, action, "sip:bo@contoso.com");
        events.until_after(skip, "communication: conversation updated");
        assert_eq!(events.lines_after(skip)[..2], lines);
    }
}
