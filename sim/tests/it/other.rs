//! What other people's clients touch besides meetings: me, people, scheduling, batches, and every link there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::{Session, has_link, href, path_of, start, start_with};

#[test]
fn make_me_available_brings_me_to_life() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let me = lene.part("me").clone();
    let note = format!("{}/note", href(&me, "self"));
    assert_eq!(
        lene.send("GET", &note, &[], b"").error(),
        (409, "Conflict".into(), "MakeMeAvailableRequired".into())
    );
    assert_eq!(lene.act(&format!("{}/reportMyActivity", href(&me, "self"))).status, 409);
    let other = json!({"supportedModalities": ["Audio"]});
    assert_eq!(lene.post(href(&me, "makeMeAvailable"), &other).status, 403);
    lene.make_available();
    assert_eq!(lene.act(href(&me, "makeMeAvailable")).error().2, "AlreadyExists");

    let application = lene.get(lene.own_link());
    assert_eq!(href(&application, "events"), href(&lene.application, "events"), "still ack=1");
    let me = &application["_embedded"]["me"];
    assert!(!has_link(me, "makeMeAvailable"));
    assert_eq!(me["emailAddresses"], json!(["lene@contoso.com"]));
    let communication = &application["_embedded"]["communication"];
    assert_eq!(communication["supportedModalities"], json!(["Messaging"]));
    assert_ne!(communication["etag"], lene.part("communication")["etag"]);

    let mut events = lene.channel();
    events.until("communication: communication updated");
    assert_eq!(
        events.lines(),
        [
            "me: me updated",
            "me: presence added",
            "me: note added",
            "me: location added",
            "communication: communication updated"
        ]
    );
    assert!(events.seen[..4].iter().all(|seen| seen.event.get("_embedded").is_none()));

    lene.act(href(me, "reportMyActivity")).expect(204);
    for (rel, field, before, value) in [
        ("presence", "availability", "Online", "Busy"),
        ("note", "message", "", "Out"),
        ("location", "location", "", "Oslo"),
    ] {
        assert_eq!(lene.get(href(me, rel))[field], before);
        lene.post(href(me, rel), &json!({field: value})).expect(204);
        assert_eq!(lene.get(href(me, rel))[field], value);
        events.until(&format!("me: {rel} updated"));
    }
    assert_eq!(lene.post(href(me, "presence"), &json!({"availability": "Gone"})).status, 400);
    lene.act(href(me, "note")).expect(204);
    assert_eq!(lene.get(href(me, "note"))["message"], "", "reset");
    assert_eq!(lene.status_of(href(me, "photo")), 404);
}

#[test]
fn communication_is_put_with_its_version_and_its_guid() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let place = href(lene.part("communication"), "self");
    let answer = lene.send("GET", place, &[], b"").expect(200);
    let mut body = answer.json();
    let etag = format!("\"{}\"", body["etag"].as_str().expect("an etag"));
    assert_eq!(answer.header("ETag"), Some(etag.as_str()));
    assert_eq!(lene.send("GET", place, &[("If-None-Match", &etag)], b"").status, 304);
    let put = |etag: Option<&str>, body: &Value| {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(etag.map(|etag| ("If-Match", etag)));
        lene.send("PUT", place, &headers, body.to_string().as_bytes())
    };
    assert_eq!(put(None, &body).error().0, 428);
    assert_eq!(put(Some("\"1\""), &body).error().0, 412);
    let guid =
        body.as_object().expect("an object").iter().find(|(_, v)| *v == "please pass this in a PUT request");
    let guid = guid.map(|(name, _)| name.clone()).expect("the GUID");
    let mut without = body.clone();
    without.as_object_mut().expect("an object").remove(&guid);
    assert_eq!(put(Some(&etag), &without).error().2, "ParameterValidationFailure");
    body["supportedMessageFormats"] = json!(["Plain", "Html"]);
    body["phoneNumber"] = json!("tel:+14255550100");
    let unquoted = etag.trim_matches('"').to_owned();
    let after = put(Some(&unquoted), &body).expect(200).json();
    assert_eq!(after["phoneNumber"], "tel:+14255550100");
    assert_ne!(after["etag"], body["etag"]);
    assert_eq!(put(Some(&etag), &body).error().0, 412, "the old version is gone");
    let mut events = lene.channel();
    assert_eq!(
        events.until("communication: communication updated").body()["phoneNumber"],
        "tel:+14255550100"
    );
}

#[test]
fn contacts_are_listed_found_and_subscribed_to() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let people = lene.part("people");
    let contacts = lene.get(href(people, "myContacts"));
    let contacts = contacts["_embedded"]["contact"].as_array().expect("contacts");
    assert_eq!(contacts.len(), 8, "one user, seven people; not oneself, not who does not exist");
    let ana = contacts.iter().find(|contact| contact["name"] == "Ana Perez").expect("Ana");
    for field in ["uri", "name", "type", "sourceNetwork", "emailAddresses", "etag"] {
        assert!(ana.get(field).is_some(), "{field}");
    }
    assert_eq!(ana["_links"].as_object().expect("links").len(), 7);
    assert_eq!(lene.get(href(ana, "self")), *ana);
    let presence =
        |who: &str| lene.get(&href(ana, "contactPresence").replace("ana@", who))["availability"].clone();
    assert_eq!(
        (presence("ana@"), presence("bea@"), presence("ulf@")),
        (json!("Online"), json!("Busy"), json!("Offline"))
    );
    let search = href(people, "search");
    let found = lene.get(&format!("{search}?query=an&limit=2"));
    assert_eq!(found["_embedded"]["contact"].as_array().map(Vec::len), Some(2));
    assert_eq!(lene.status_of(search), 400);
    assert_eq!(lene.status_of(&format!("{search}?query=a&limit=0")), 400);

    let subscriptions = href(people, "presenceSubscriptions");
    assert_eq!(lene.post(subscriptions, &json!({"duration": 5, "uris": []})).status, 400);
    let body = json!({"Duration": 11, "Uris": ["sip:tosh@contoso.com"]});
    let made = lene.post(subscriptions, &body).expect(201).json();
    let mut events = lene.channel();
    events.until("people: presenceSubscription added");
    events.until("people: contactPresence updated in contact");
    let skip = events.seen.len();
    Session::sign_in(&sim, "tosh").make_available();
    events.until_after(skip, "people: contactPresence updated in contact");
    assert_eq!(presence("tosh@"), "Online");
    lene.send("POST", href(&made, "self"), &[], b"{\"duration\":30}").expect(201);
    lene.delete(href(&made, "self")).expect(204);
    assert_eq!(lene.send("GET", href(&made, "self"), &[], b"").error().2, "ApplicationNotFound");
    events.until("people: presenceSubscription deleted");
}

#[test]
fn meetings_are_scheduled_changed_and_deleted() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let all = href(lene.part("onlineMeetings"), "myOnlineMeetings");
    let wish = json!({"attendanceAnnouncementsStatus": "Disabled", "description": "d", "subject": "holiday party",
        "attendees": ["sip:Chris@contoso.com"], "leaders": []});
    let made = lene.post(all, &wish).expect(201);
    assert!(made.header("ETag").is_some());
    let made = made.json();
    assert_eq!((&made["accessLevel"], &made["subject"]), (&json!("SameEnterprise"), &json!("holiday party")));
    assert_eq!(made["attendanceAnnouncementsStatus"], "Disabled", "played back");
    assert!(made["expirationTime"].as_str().is_some_and(|date| date.starts_with("/Date(")));
    let place = href(&made, "self");
    assert_eq!(lene.get(place), made);
    assert_eq!(lene.get(all)["_embedded"]["myOnlineMeeting"], json!([made]));

    let mut changed = made.clone();
    changed["subject"] = json!("later");
    changed["expirationTime"] = json!("2027-02-07T01:17:18.000Z");
    let etag = format!("\"{}\"", made["etag"].as_str().expect("an etag"));
    let put = |etag: &str, body: &Value| {
        lene.send("PUT", place, &[("If-Match", etag)], body.to_string().as_bytes())
    };
    assert_eq!(put("\"0\"", &changed).status, 412);
    let after = put(&etag, &changed).expect(200).json();
    assert_eq!(
        (&after["subject"], &after["expirationTime"]),
        (&json!("later"), &json!("/Date(1801963038000)/"))
    );
    changed["expirationTime"] = json!("2013-02-07T01:17:18.000Z");
    assert_eq!(put(after["etag"].as_str().expect("an etag"), &changed).status, 400, "long ago");
    assert_eq!(lene.post(all, &json!({"accessLevel": "Some"})).status, 400);

    let mut events = lene.channel();
    let uri = made["onlineMeetingUri"].as_str().expect("a URI");
    let (conversation, _) = events.join_meeting(uri);
    assert_eq!(lene.get(href(&conversation, "onlineMeeting"))["subject"], "later");
    changed = lene.get(place);
    changed["subject"] = json!("now");
    put(changed["etag"].as_str().expect("an etag"), &changed).expect(200);
    assert_eq!(events.until("conversation: onlineMeeting updated in conversation").body()["subject"], "now");
    let again = lene.post(lene.communication("joinOnlineMeeting"), &json!({"onlineMeetingUri": uri}));
    assert_eq!(again.error().2, "AlreadyExists");
    lene.delete(place).expect(204);
    events.until("communication: conversation deleted");
    assert_eq!(lene.status_of(place), 404);
    let gone = lene.post(lene.communication("joinOnlineMeeting"), &json!({"onlineMeetingUri": uri}));
    assert_eq!(gone.error(), (404, "NotFound".into(), "DestinationNotFound".into()));

    sim.control().change_switches(|switches| switches.schedule_status = 200);
    lene.post(all, &json!({})).expect(200);
}

/// A batch as the documentation's own client sends it, with a part that fails and one that is not allowed.
#[test]
fn a_batch_is_answered_part_by_part() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let own = lene.own_link();
    let part = |line: &str, rest: &str| {
        format!(
            "--77f2569d\r\nContent-Type: application/http; msgtype=request\r\n\r\n{line} HTTP/1.1\r\nHost: lyncweb.contoso.com\r\n{rest}\r\n"
        )
    };
    let mut body = String::from("\r\n");
    body.push_str(&part(&format!("GET {own}/people/contacts"), "Accept: application/json\r\n"));
    body.push_str(&part(&format!("GET {own}/me"), "Accept: application/json\r\n"));
    body.push_str(&part(&format!("GET {own}/nothing"), ""));
    body.push_str(&part(&format!("GET {own}/events?ack=1"), ""));
    body.push_str(&part(
        &format!("POST {own}/me/makeMeAvailable"),
        "Content-Type: application/json\r\nData: {\"x\":1}\r\n\r\n{\"SupportedModalities\":[\"Messaging\"]}\r\n",
    ));
    body.push_str("--77f2569d--\r\n");
    let headers =
        [("Accept", "multipart/batching"), ("Content-Type", "multipart/batching;boundary=77f2569d")];
    let answer = lene.send("POST", href(&lene.application, "batch"), &headers, body.as_bytes()).expect(200);
    let kind = answer.header("Content-Type").expect("a type");
    let boundary =
        kind.strip_prefix("multipart/batching; boundary=\"").and_then(|rest| rest.strip_suffix('"'));
    let boundary = boundary.expect("a quoted boundary of its own");
    let text = String::from_utf8(answer.body.clone()).expect("UTF-8");
    assert!(text.ends_with(&format!("--{boundary}--\r\n")));
    let parts: Vec<&str> = text.split(&format!("--{boundary}\r\n")).skip(1).collect();
    let statuses: Vec<&str> = parts
        .iter()
        .map(|part| {
            assert!(
                part.starts_with("Content-Type: application/http; msgtype=response\r\n\r\nHTTP/1.1 "),
                "{part}"
            );
            part.split("HTTP/1.1 ").nth(1).expect("a status line").split(' ').next().expect("a status")
        })
        .collect();
    assert_eq!(statuses, ["200", "200", "404", "409", "204"]);
    let json = parts[1].split("\r\n\r\n").nth(2).expect("a body").trim_end();
    let json = json.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(!json.contains('\n'));
    assert_eq!(serde_json::from_str::<Value>(json).expect("JSON")["uri"], "sip:lene@contoso.com");
    assert!(sim.control().requests().iter().filter(|seen| seen.in_batch).count() == 5);

    let many: String = (0..101).map(|_| part(&format!("GET {own}/me"), "")).collect();
    let refused = lene.send("POST", href(&lene.application, "batch"), &headers, many.as_bytes());
    assert_eq!(refused.error(), (429, "TooManyRequests".into(), "None".into()));
    assert_eq!(lene.send("POST", href(&lene.application, "batch"), &[], b"x").status, 415);
    assert_eq!(lene.send("POST", href(&lene.application, "batch"), &headers, b"x").status, 400);
}

/// Every link and href anywhere in a document.
fn links(value: &Value, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "_links" {
                    for (rel, link) in value.as_object().into_iter().flatten() {
                        let list = link.as_array().cloned().unwrap_or_else(|| vec![link.clone()]);
                        let hrefs = list.iter().filter_map(|link| link["href"].as_str().map(str::to_owned));
                        found.extend(
                            hrefs.filter(|href| href.starts_with('/')).map(|href| (rel.clone(), href)),
                        );
                    }
                }
                links(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| links(value, found)),
        _ => {}
    }
}

/// A link that is offered works: there is something behind each one, to GET or to POST.
#[test]
fn no_link_leads_nowhere() {
    let sim = start_with(|settings| settings.switches.embed_participants = true);
    let lene = Session::sign_in(&sim, "lene");
    lene.make_available();
    let mut events = lene.channel();
    let (_, uri) = events.start_meeting();
    let control = sim.control();
    control.join(&uri, "sip:ana@contoso.com").expect("she joins");
    let heard = ucwa_sim::StoryStep::new(0, ucwa_sim::StoryAction::JoinAudio, "sip:ana@contoso.com");
    control.happen(&uri, &heard).expect("she is heard");
    control
        .happen(&uri, &ucwa_sim::StoryStep::new(0, ucwa_sim::StoryAction::Lobby, "sip:1@anonymous.invalid"))
        .expect("he waits");
    lene.post(href(lene.part("onlineMeetings"), "myOnlineMeetings"), &json!({})).expect(201);
    lene.post(href(lene.part("people"), "presenceSubscriptions"), &json!({"duration": 10, "uris": []}))
        .expect(201);
    events.page();

    let mut open = BTreeSet::from([("self".to_owned(), lene.own_link().to_owned())]);
    let mut seen = BTreeSet::new();
    let mut followed = 0;
    while let Some((rel, href)) = open.pop_first() {
        if rel == "events" || rel == "next" || !seen.insert(href.clone()) {
            continue;
        }
        followed += 1;
        // What only takes a POST says so; nothing else may refuse, and nothing may be missing.
        let target = if rel == "search" { format!("{href}?query=a") } else { href.clone() };
        let answer = lene.send("GET", path_of(&target), &[], b"");
        let photo = rel == "photo" || rel == "contactPhoto";
        match answer.status {
            200 => links(&answer.json(), &mut open),
            405 => {}
            404 if photo => {}
            status => panic!("{rel} {href}: {status} {}", String::from_utf8_lossy(&answer.body)),
        }
    }
    assert!(followed > 80, "only {followed} links were found");
}

#[test]
fn unknown_paths_methods_and_versions_are_refused_in_the_protocols_words() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let own = lene.own_link();
    for path in
        ["nothing", "me/nothing", "communication/nothing", "people/x@y.z", "communication/conversations/c99"]
    {
        assert_eq!(lene.send("GET", &format!("{own}/{path}"), &[], b"").error().0, 404, "{path}");
    }
    for path in
        ["", "/me", "/me/note", "/people/contacts", "/communication", "/batch", "/events", "/policies"]
    {
        let answer = lene.send("PATCH", &format!("{own}{path}"), &[], b"");
        assert_eq!(answer.error(), (405, "MethodNotAllowed".into(), "None".into()), "{path}");
    }
    assert_eq!(lene.status_of("/nowhere"), 404);
    let version = |wanted: &str| lene.send("GET", own, &[("X-MS-RequiresMinResourceVersion", wanted)], b"");
    assert_eq!(version("2").status, 200);
    assert_eq!(version("3").error(), (404, "NotFound".into(), "APIVersionNotSupported".into()));
    sim.control().change_switches(|switches| switches.allowed_origins = vec!["https://good.example".into()]);
    let origin = |origin: &str| lene.send("GET", own, &[("X-Ms-Origin", origin)], b"");
    assert_eq!(origin("https://good.example").status, 200);
    let refused = origin("https://bad.example");
    assert_eq!(refused.status, 403);
    assert!(refused.header("X-Ms-diagnostics").is_some_and(|text| text.contains("cross domain request")));
}
