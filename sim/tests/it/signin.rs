//! Discovery, challenges, grants, applications.

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, PlannedMeeting, Redirect, SameApplication};

use crate::common::{Session, href, path_of, request, start, start_with, token, token_of};

const PASSWORD: &str = "grant_type=password&username=lene@contoso.com&password=Pa55w.rd!";

fn planned(access_level: AccessLevel) -> PlannedMeeting {
    PlannedMeeting {
        id: "G03W98W4".into(),
        organizer: "sip:lene@contoso.com".into(),
        subject: "Planned".into(),
        access_level,
        leaders: Vec::new(),
        attendees: Vec::new(),
    }
}

const MEETING: &str = "sip:lene@contoso.com;gruu;opaque=app:conf:focus:id:G03W98W4";
const GUEST: &str = "grant_type=urn:microsoft.rtc:anonmeeting&password=G03W98W4&\
                     ms_rtc_conferenceuri=sip%3Alene%40contoso.com%3Bgruu%3Bopaque%3Dapp%3Aconf%3Afocus%3Aid%3AG03W98W4";

#[test]
fn the_entry_point_leads_to_user_and_the_host_is_the_one_that_was_called() {
    let sim = start();
    let host = [("Host", "lyncdiscover.fabrikam.com")];
    let root = request(sim.address(), "GET", "/", &host, b"").expect(200);
    assert_eq!(root.header("Content-Type"), Some("application/json; charset=utf-8"));
    assert_eq!(root.header("Cache-Control"), Some("no-cache"));
    let root = root.json();
    assert_eq!(
        href(&root, "user"),
        "http://lyncdiscover.fabrikam.com/Autodiscover/AutodiscoverService.svc/root/oauth/user?originalDomain=fabrikam.com"
    );
    let frame = request(sim.address(), "GET", path_of(href(&root, "xframe")), &[], b"").expect(200);
    assert!(frame.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")));
    assert_eq!(request(sim.address(), "GET", "/xframe", &[], b"").status, 200);
}

#[test]
fn without_a_token_there_are_two_challenges_and_a_page() {
    let sim = start();
    let user = "/Autodiscover/AutodiscoverService.svc/root/oauth/user";
    let host = [("Host", "lyncweb.contoso.com")];
    let answer = request(sim.address(), "GET", user, &host, b"").expect(401);
    assert_eq!(
        answer.all("WWW-Authenticate"),
        [
            "Bearer trusted_issuers=\"00000002-0000-0ff1-ce00-000000000000@contoso.com\", \
             client_id=\"00000004-0000-0ff1-ce00-000000000000\"",
            "MsRtcOAuth href=\"http://lyncweb.contoso.com/WebTicket/oauthtoken\",\
             grant_type=\"urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password\"",
        ]
    );
    assert!(answer.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(answer.header("X-Ms-diagnostics").is_some_and(|text| text.starts_with("28020;")));
    for bad in ["Bearer cwt=nothing", "Basic bGVuZTp4", "Bearer"] {
        let headers = [("Authorization", bad)];
        assert_eq!(request(sim.address(), "GET", user, &headers, b"").status, 401, "{bad}");
        assert_eq!(
            request(sim.address(), "GET", "/ucwa/oauth/v1/applications/101", &headers, b"").status,
            401
        );
    }
}

#[test]
fn each_grant_gives_a_token() {
    let sim = start_with(|settings| settings.meetings.push(planned(AccessLevel::Everyone)));
    let by_password = token(&sim, PASSWORD).expect(200);
    assert_eq!(by_password.header("Cache-Control"), Some("no-store"));
    let body = by_password.json();
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(28_800), &json!("Bearer")));
    assert!(body["access_token"].as_str().is_some_and(|token| token.starts_with("cwt=")));
    token(&sim, "grant_type=password&username=sip:LENE@contoso.com&password=Pa55w.rd!").expect(200);
    let windows = token_of(&sim, "grant_type=urn:microsoft.rtc:windows");
    let session = Session::with_token(&sim, windows, "x");
    assert_eq!(session.part("me")["uri"], "sip:lene@contoso.com");
    let other = start_with(|settings| settings.sign_in = Some("SIP:Tosh@contoso.com".into()));
    let windows = Session::with_token(&other, token_of(&other, "grant_type=urn:microsoft.rtc:windows"), "x");
    assert_eq!(windows.part("me")["uri"], "sip:tosh@contoso.com", "the one that the script signs in");
    assert_eq!(token(&sim, GUEST).expect(200).json()["expires_in"], 3_600);
}

#[test]
fn each_mistake_at_the_token_endpoint_has_its_error() {
    let sim = start_with(|settings| settings.meetings.push(planned(AccessLevel::Everyone)));
    let cases = [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=password&username=lene@contoso.com", "invalid_request"),
        ("grant_type=password&username=lene@contoso.com&password=wrong", "invalid_grant"),
        ("grant_type=password&username=ana@contoso.com&password=Pa55w.rd!", "invalid_grant"),
        ("grant_type=urn:microsoft.rtc:windows&username=lene@contoso.com", "invalid_request"),
        ("grant_type=urn:microsoft.rtc:passive", "unsupported_grant_type"),
        ("grant_type=magic", "unsupported_grant_type"),
        ("grant_type=urn:microsoft.rtc:windows&scope=some", "invalid_scope"),
        ("grant_type=urn:microsoft.rtc:anonmeeting&password=G03W98W4", "invalid_request"),
        ("grant_type=urn:microsoft.rtc:anonmeeting&password=X&ms_rtc_conferenceuri=sip%3Ax", "invalid_grant"),
    ];
    for (form, error) in cases {
        let answer = token(&sim, form).expect(400);
        assert_eq!(answer.json(), json!({"error": error}), "{form}");
        assert!(answer.header("X-Ms-diagnostics").is_some(), "{form}");
    }
    let renewed = format!("{GUEST}&ms_rtc_renew=cwt%3Dnothing");
    assert_eq!(token(&sim, &renewed).expect(400).json()["error"], "invalid_grant");
    assert_eq!(request(sim.address(), "GET", "/WebTicket/oauthtoken", &[], b"").status, 405);
    sim.control().change_switches(|switches| switches.passive = true);
    let passive = token(&sim, "grant_type=urn:microsoft.rtc:passive").expect(400).json();
    assert_eq!(passive["error"], "invalid_grant");
    assert!(passive["ms_rtc_passiveauthuri"].is_string());
}

#[test]
fn a_renewed_guest_is_the_same_guest() {
    let sim = start_with(|settings| settings.meetings.push(planned(AccessLevel::Everyone)));
    let first = token_of(&sim, GUEST);
    let guest = Session::with_token(&sim, first.clone(), "guest");
    let uri = guest.part("me")["uri"].clone();
    assert!(uri.as_str().is_some_and(|uri| uri.ends_with("@anonymous.invalid")), "{uri}");
    sim.control().expire_tokens(uri.as_str());
    assert_eq!(guest.status_of(guest.own_link()), 401);
    let mut form = form_urlencoded::Serializer::new(format!("{GUEST}&"));
    form.append_pair("ms_rtc_renew", &first);
    let again = Session { token: token_of(&sim, &form.finish()), ..guest };
    assert_eq!(again.get(again.own_link())["_embedded"]["me"]["uri"], uri);
    let other = Session::with_token(&sim, token_of(&sim, GUEST), "guest");
    assert_ne!(other.part("me")["uri"], uri, "without renewal he is somebody else");
}

#[test]
fn a_guest_sees_a_smaller_application_and_only_his_meeting() {
    let sim = start_with(|settings| settings.meetings.push(planned(AccessLevel::Everyone)));
    let lene = Session::sign_in(&sim, "lene");
    let guest = Session::guest(&sim, MEETING);
    let embedded: Vec<_> = guest.application["_embedded"].as_object().expect("parts").keys().collect();
    assert_eq!(embedded, ["communication", "me"]);
    let links: Vec<_> = guest.part("me")["_links"].as_object().expect("links").keys().collect();
    assert_eq!(links, ["self"]);
    let join = guest.communication("joinOnlineMeeting");
    assert_eq!(guest.post(join, &json!({"onlineMeetingUri": "sip:other"})).error().0, 403);
    assert_eq!(guest.post(join, &json!({})).error().0, 403, "he cannot make one");
    let available = format!("{}/makeMeAvailable", href(lene.part("me"), "self"));
    let of_guest = available.replace(&format!("/{}/", lene.id()), &format!("/{}/", guest.id()));
    assert_eq!(
        guest.post(&of_guest, &json!({})).error(),
        (403, "Forbidden".into(), "AnonymousNotAllowed".into())
    );
    assert_eq!(guest.status_of(lene.own_link()), 403, "another's application");
    let mut events = guest.channel();
    guest.post(join, &json!({"onlineMeetingUri": MEETING, "anonymousDisplayName": "Gus"})).expect(201);
    events.until("communication: onlineMeetingInvitation completed Success");
    let roster = sim.control().truth().meeting(MEETING).expect("it").roster.clone();
    assert_eq!(roster.len(), 1);
    assert!(roster[0].anonymous && roster[0].name == "Gus" && !roster[0].organizer);
}

#[test]
fn an_application_is_made_once_and_each_instance_has_a_channel() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let post = |more: Value| {
        let mut body = json!({"UserAgent": "Tests", "Culture": "en-US", "EndpointId": "tests"});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        lene.post("/ucwa/oauth/v1/applications", &body)
    };
    let again = post(json!({})).expect(200).json();
    assert_eq!(href(&again, "self"), lene.own_link(), "PascalCase names the same application");
    let first = post(json!({"instanceId": "abc", "type": "Browser"}));
    assert_eq!(first.status, 201, "another type is another application");
    let tab = post(json!({"instanceId": "abc"})).expect(201).json();
    assert!(href(&tab, "events").ends_with("events?ack=1&instanceId=abc"));
    post(json!({"instanceId": "abc"})).expect(200);
    lene.delete(href(&tab, "self")).expect(204);
    assert_eq!(lene.status_of(lene.own_link()), 200, "only the tab is gone");
    assert_eq!(lene.status_of(href(&tab, "events")), 404);
    lene.delete(lene.own_link()).expect(204);
    assert_eq!(
        lene.send("GET", lene.own_link(), &[], b"").error(),
        (404, "NotFound".into(), "ApplicationNotFound".into())
    );
}

#[test]
fn a_repeated_post_can_replace_the_application() {
    let sim = start_with(|settings| settings.switches.same_application = SameApplication::Replace);
    let lene = Session::sign_in(&sim, "lene");
    let again = Session::sign_in(&sim, "lene");
    assert_ne!(again.id(), lene.id());
    assert_eq!(lene.status_of(lene.own_link()), 404);
}

#[test]
fn what_is_missing_is_listed() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let answer = lene.post("/ucwa/oauth/v1/applications", &json!({"culture": "en-US", "userAgent": null}));
    assert_eq!(answer.error(), (400, "BadRequest".into(), "ParameterValidationFailure".into()));
    assert_eq!(
        answer.json()["parameters"],
        json!([{"name": "userAgent", "reason": "Missing"}, {"name": "endpointId", "reason": "Missing"}])
    );
    let long = json!({"culture": "x".repeat(101), "userAgent": "a", "endpointId": "b"});
    assert_eq!(lene.post("/ucwa/oauth/v1/applications", &long).status, 400);
    let options = lene.send("OPTIONS", "/ucwa/oauth/v1/applications", &[], b"").expect(200).json();
    assert_eq!(options["metadata"][0]["httpMethod"], "POST");
}

#[test]
fn autodiscovery_redirects_once_when_it_is_told_to() {
    let sim = start_with(|settings| settings.switches.redirect = Redirect::Root);
    let root = request(sim.address(), "GET", "/", &[], b"").expect(200).json();
    assert!(root["_links"].get("user").is_none());
    let next = request(sim.address(), "GET", path_of(href(&root, "redirect")), &[], b"").expect(200).json();
    assert!(next["_links"].get("user").is_some() && next["_links"].get("redirect").is_none());

    let sim = start_with(|settings| settings.switches.redirect = Redirect::User);
    let token = token_of(&sim, PASSWORD);
    let get = |target: &str| {
        let bearer = format!("Bearer {token}");
        request(sim.address(), "GET", path_of(target), &[("Authorization", bearer.as_str())], b"")
            .expect(200)
            .json()
    };
    let user = get(href(&get("/"), "user"));
    let home = get(href(&user, "redirect"));
    assert!(get(href(&home, "user"))["_links"].get("applications").is_some());
}

#[test]
fn links_can_lead_to_another_host_and_be_absolute() {
    let sim = start_with(|settings| {
        settings.switches.web_host = Some("localhost:{port}".into());
        settings.switches.absolute_hrefs = true;
    });
    let port = sim.address().port();
    let root = request(sim.address(), "GET", "/", &[], b"").expect(200).json();
    assert!(href(&root, "user").starts_with(&format!("http://localhost:{port}/Autodiscover/")));
    let lene = Session::sign_in(&sim, "lene");
    assert!(lene.own_link().starts_with("http://127.0.0.1/ucwa/"), "{}", lene.own_link());
    let start = lene.communication("startOnlineMeeting");
    let location = lene.post(start, &json!({})).expect(201);
    assert!(location.header("Location").is_some_and(|it| it.starts_with("http://127.0.0.1/ucwa/")));
}

#[test]
fn an_expired_token_is_challenged_again() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    assert_eq!(sim.control().expire_tokens(Some("sip:tosh@contoso.com")), 0);
    assert_eq!(sim.control().expire_tokens(Some("sip:lene@contoso.com")), 1);
    let answer = lene.send("GET", lene.own_link(), &[], b"").expect(401);
    assert_eq!(answer.all("WWW-Authenticate").len(), 2);
    let again = Session { token: token_of(&sim, PASSWORD), ..lene };
    assert_eq!(again.status_of(again.own_link()), 200, "the application is still there");
}
