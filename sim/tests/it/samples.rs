//! Resources compared with the samples of the documentation, where these are at hand: the same properties, of the
//! same kinds, and the same links.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Session, href, start};

/// Task samples: edited captures, the best guide to the wire.
const TASKS: [&str; 7] = [
    "CreateAnApplication",
    "SendAnIM",
    "ReceiveAnIM",
    "GetMyNoteInformation",
    "GetMyPresenceInformation",
    "GetPresenceDataOfAContact",
    "UpdateAnOnlineMeeting",
];

/// What the simulator leaves out on purpose: links that it could not follow up, and what it knows of nobody.
const LEFT_OUT: [(&str, &[&str]); 6] = [
    ("me", &["link callForwardingSettings"]),
    (
        "people",
        &[
            "link subscribedContacts",
            "link presenceSubscriptionMemberships",
            "link myGroups",
            "link myGroupMemberships",
            "link myPrivacyRelationships",
            "link myContactsAndGroupsSubscription",
        ],
    ),
    (
        "onlineMeetings",
        &[
            "link onlineMeetingInvitationCustomization",
            "link phoneDialInInformation",
            "link myAssignedOnlineMeeting",
        ],
    ),
    ("communication", &["link startPhoneAudio"]),
    ("myOnlineMeeting", &["link onlineMeetingExtensions"]),
    ("contact", &["company", "department", "office", "title", "workPhoneNumber"]),
];

/// Properties and links of one kind of resource, each with the kinds of value it has.
type Shape = BTreeMap<String, BTreeSet<&'static str>>;

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "list",
        Value::Object(_) => "object",
        Value::String(_) => "text",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::Null => "null",
    }
}

/// Adds the shapes of all resources in a document, by their rel.
fn collect(value: &Value, shapes: &mut BTreeMap<String, Shape>) {
    if let (Some(rel), Some(links)) = (value["rel"].as_str(), value["_links"].as_object()) {
        let shape = shapes.entry(rel.to_owned()).or_default();
        for (name, value) in value.as_object().into_iter().flatten() {
            // The name of the property to play back is made up each time.
            let made_up = value == "please pass this in a PUT request";
            if !made_up && !name.starts_with('_') {
                shape.entry(name.clone()).or_default().insert(kind(value));
            }
        }
        for (name, link) in links {
            shape.entry(format!("link {name}")).or_default().insert(kind(link));
        }
    }
    match value {
        Value::Object(map) => map.values().for_each(|value| collect(value, shapes)),
        Value::Array(list) => list.iter().for_each(|value| collect(value, shapes)),
        _ => {}
    }
}

fn of_the_samples(directory: &Path) -> (usize, BTreeMap<String, Shape>) {
    let mut shapes = BTreeMap::new();
    let mut read = 0;
    for directory in [directory.to_owned(), directory.join("repaired")] {
        let Ok(files) = std::fs::read_dir(&directory) else {
            continue;
        };
        for file in files.flatten().map(|file| file.path()) {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_task = TASKS.iter().any(|task| name.starts_with(&format!("{task}_")));
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let (true, Ok(sample)) = (is_task, serde_json::from_str::<Value>(&text)) {
                read += 1;
                collect(&sample, &mut shapes);
            }
        }
    }
    (read, shapes)
}

/// Everything that the simulator shows in a day.
fn of_the_simulator() -> BTreeMap<String, Shape> {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut shapes = BTreeMap::new();
    collect(&lene.application, &mut shapes);
    lene.make_available();
    let mut events = lene.channel();
    let call = json!({"to": "sip:ana@contoso.com", "operationId": "x", "subject": "s"});
    lene.post(lene.communication("startMessaging"), &call).expect(201);
    let messaging = events.until("conversation: messaging updated Connected");
    let plain = [("Content-Type", "text/plain")];
    lene.send("POST", href(messaging.body(), "sendMessage"), &plain, b"hi").expect(201);
    events.until("conversation: message completed Success");
    sim.control().message("sip:bo@contoso.com", "sip:lene@contoso.com", "Hi").expect("sent");
    let skip = events.seen.len();
    let asked = events.until_after(skip, "communication: messagingInvitation started");
    lene.act(href(asked.body(), "accept")).expect(204);
    events.until_after(skip, "conversation: message completed Success");
    for seen in &events.seen {
        collect(&seen.event, &mut shapes);
    }
    let application = lene.get(lene.own_link());
    collect(&application, &mut shapes);
    let contacts = lene.get(href(lene.part("people"), "myContacts"));
    collect(&contacts, &mut shapes);
    for rel in ["note", "presence", "location"] {
        collect(&lene.get(href(&application["_embedded"]["me"], rel)), &mut shapes);
    }
    for rel in ["contactPresence", "contactNote", "contactLocation"] {
        collect(&lene.get(href(&contacts["_embedded"]["contact"][0], rel)), &mut shapes);
    }
    let all = href(lene.part("onlineMeetings"), "myOnlineMeetings");
    collect(
        &lene
            .post(all, &json!({"subject": "s", "attendanceAnnouncementsStatus": "Disabled"}))
            .expect(201)
            .json(),
        &mut shapes,
    );
    shapes
}

#[test]
fn resources_look_like_the_samples() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    let (read, samples) = of_the_samples(&directory);
    if read == 0 {
        println!("0 samples are at hand: nothing was compared");
        return;
    }
    let ours = of_the_simulator();
    let mut compared = 0;
    let mut differences = Vec::new();
    for (rel, sample) in &samples {
        let Some(own) = ours.get(rel) else {
            println!("{rel}: not shown by the simulator");
            continue;
        };
        let left_out = LEFT_OUT.iter().find(|(of, _)| of == rel).map_or(&[][..], |(_, list)| list);
        for (name, kinds) in sample {
            if left_out.contains(&name.as_str()) {
                continue;
            }
            compared += 1;
            match own.get(name) {
                None => differences.push(format!("{rel}: no {name}")),
                Some(seen) if seen.is_disjoint(kinds) => {
                    differences.push(format!("{rel}: {name} is {seen:?}, not {kinds:?}"))
                }
                Some(_) => {}
            }
        }
    }
    println!("{read} samples, {compared} properties and links compared");
    assert!(compared > 100, "only {compared} were compared");
    assert!(differences.is_empty(), "{differences:#?}");
}
