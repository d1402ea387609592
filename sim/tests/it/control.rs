//! The control API over HTTP, and the program.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use ucwa_sim::{Script, Simulator, Truth};

use crate::common::{Session, connect, read_answer, request, start, write_request};

fn call(sim: &Simulator, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let answer = request(sim.address(), method, &format!("/sim/{path}"), &[], &bytes);
    let json = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status, json)
}

#[test]
fn everything_can_be_done_over_http() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let (_, uri) = lene.channel().start_meeting();
    let key = uri.rsplit(':').next().expect("a key").to_owned();
    let person = json!({"uri": "sip:eva@contoso.com", "name": "Eva", "behaviour": "decline"});
    assert_eq!(call(&sim, "POST", "people", &person).0, 204);
    assert!(call(&sim, "GET", "people", &Value::Null).1.to_string().contains("sip:eva@contoso.com"));
    assert_eq!(call(&sim, "DELETE", "people/sip:eva@contoso.com", &Value::Null).0, 204);
    assert_eq!(call(&sim, "DELETE", "people/sip:eva@contoso.com", &Value::Null).0, 404);

    let zoe = json!({"uri": "sip:zoe@contoso.com", "name": "Zoe Young"});
    for (action, status) in
        [("lobby", 204), ("lobby", 409), ("admit", 204), ("promote", 204), ("typing", 204), ("demote", 204)]
    {
        assert_eq!(call(&sim, "POST", &format!("meetings/{key}/{action}"), &zoe).0, status, "{action}");
    }
    let (_, truth) = call(&sim, "GET", "truth", &Value::Null);
    let roster = &truth["meetings"][0]["roster"];
    assert_eq!(
        (&roster[1]["name"], &roster[1]["in_lobby"], &roster[1]["typing"]),
        (&json!("Zoe Young"), &json!(false), &json!(true))
    );
    let truth: Truth = serde_json::from_value(truth).expect("the documented shape");
    assert_eq!(truth, sim.control().truth());
    assert_eq!(call(&sim, "POST", &format!("meetings/{key}/leave"), &zoe).0, 204);
    assert_eq!(call(&sim, "POST", &format!("meetings/{key}/dance"), &zoe).0, 400);
    assert_eq!(call(&sim, "POST", &format!("meetings/{key}/join"), &json!({})).0, 409, "who?");
    assert_eq!(call(&sim, "POST", "meetings/NONE/join", &zoe).0, 404);
    assert_eq!(
        call(
            &sim,
            "POST",
            "people/sip:ana@contoso.com/message",
            &json!({"to": "sip:lene@contoso.com", "text": "x"})
        )
        .0,
        409
    );

    let (_, script) = call(&sim, "GET", "script", &Value::Null);
    Script::read(&script.to_string()).expect("it is a script itself");
    assert_eq!(call(&sim, "POST", "switches", &json!({"typing_ms": 7})).0, 204);
    assert_eq!(call(&sim, "GET", "switches", &Value::Null).1["typing_ms"], 7);
    assert_eq!(call(&sim, "POST", "switches", &json!({"typing": 7})).0, 400);

    let fault = json!({"name": "gone", "method": "GET", "path": "/me", "count": 1, "does": {"status": {"status": 410, "subcode": "TooManyApplications"}}});
    let (status, set) = call(&sim, "POST", "faults", &fault);
    assert_eq!(status, 200);
    assert_eq!(lene.status_of(&format!("{}/me", lene.own_link())), 410);
    assert_eq!(call(&sim, "GET", "faults", &Value::Null).1[0]["fired"], 1);
    assert_eq!(call(&sim, "DELETE", &format!("faults/{}", set["id"]), &Value::Null).0, 204);
    assert_eq!(call(&sim, "DELETE", "faults", &Value::Null).0, 204);
    assert_eq!(call(&sim, "POST", "faults", &json!({"does": "explode"})).0, 400);

    assert_eq!(call(&sim, "POST", "tokens/expire", &Value::Null).1, json!({"expired": 1}));
    assert_eq!(call(&sim, "POST", &format!("applications/{}/resume", lene.id()), &Value::Null).0, 204);
    assert_eq!(call(&sim, "POST", &format!("applications/{}/lose", lene.id()), &Value::Null).0, 204);
    assert_eq!(call(&sim, "POST", "applications/99/lose", &Value::Null).0, 404);
    assert_eq!(call(&sim, "GET", "nothing", &Value::Null).0, 404);
    assert_eq!(call(&sim, "DELETE", "requests", &Value::Null).0, 204);
    assert_eq!(call(&sim, "GET", "requests", &Value::Null).1, json!([]));
}

/// People over HTTP, with everything that they can be and ask for.
#[test]
fn people_ask_and_take_back_over_http() {
    let sim = start();
    let tosh = Session::sign_in(&sim, "tosh");
    tosh.make_available();
    let person = json!({
        "uri": "tel:+14255550100", "name": "Kim", "joins": ["Audio"], "source_network": "Federated",
        "work_phone": "tel:+1", "steps": ["Alerting"], "refused": "TooManyGroups",
        "end": {"code": "RemoteFailure", "subcode": "Busy"},
    });
    assert_eq!(call(&sim, "POST", "people", &person).0, 204);
    let known = call(&sim, "GET", "people", &Value::Null).1;
    let kim = known.as_array().expect("a list").last().expect("somebody").clone();
    assert_eq!((&kim["refused"], &kim["joins"]), (&json!("TooManyGroups"), &json!(["Audio"])));
    assert_eq!((&kim["end"]["state"], &kim["end"]["status"]), (&json!("Failed"), &json!("Failure")));
    for bad in [json!({"refused": "Whatever"}), json!({"joins": ["Smell"]}), json!({"end": {"code": 1}})] {
        let mut person = person.clone();
        person.as_object_mut().expect("an object").extend(bad.as_object().expect("an object").clone());
        assert_eq!(call(&sim, "POST", "people", &person).0, 400, "{bad}");
    }

    let mut events = tosh.channel();
    let ask = json!({
        "to": "sip:tosh@contoso.com", "subject": "Come", "text": "Hi", "importance": "Urgent",
        "custom_content": "data:a/b,c", "on_behalf_of": "Boss",
    });
    assert_eq!(call(&sim, "POST", "people/sip:ana@contoso.com/invite", &ask).0, 204);
    let asked = events.until("communication: onlineMeetingInvitation started");
    assert_eq!((&asked.body()["subject"], &asked.body()["onBehalfOf"]), (&json!("Come"), &json!("Boss")));
    let to = json!({"to": "sip:tosh@contoso.com"});
    let answer = call(&sim, "POST", "people/sip:ana@contoso.com/withdraw", &to);
    assert_eq!(answer, (200, json!({"withdrawn": 1})));
    events.until("communication: conversation deleted");
    let nowhere = json!({"to": "sip:tosh@contoso.com", "meeting": "NONE"});
    assert_eq!(call(&sim, "POST", "people/sip:ana@contoso.com/invite", &nowhere).0, 404);
    let nobody = json!({"to": "sip:lene@contoso.com"});
    assert_eq!(call(&sim, "POST", "people/sip:ana@contoso.com/invite", &nobody).0, 409);

    let (conversation, _) = events.start_meeting();
    let add = |body: Value| tosh.post(crate::common::href(&conversation, "addParticipant"), &body);
    assert_eq!(add(json!({"to": "tel:+14255550100"})).error().2, "TooManyGroups");
    let fault = json!({
        "method": "POST", "to": "sip:bo@contoso.com",
        "does": {"error": {"name": "ParameterValidationFailure", "parameters": [["to", "Invalid"]]}},
    });
    assert_eq!(call(&sim, "POST", "faults", &fault).0, 200);
    assert_eq!(add(json!({"to": "sip:ana@contoso.com"})).status, 201);
    assert_eq!(
        add(json!({"to": "sip:bo@contoso.com"})).json()["parameters"],
        json!([{"name": "to", "reason": "Invalid"}])
    );
}

#[test]
fn requests_are_listed_without_secrets() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let seen = sim.control().requests();
    let lines: Vec<_> =
        seen.iter().map(|seen| (seen.method.as_str(), seen.status, seen.target.as_str())).collect();
    assert_eq!(lines[0], ("POST", Some(200), "/WebTicket/oauthtoken"));
    assert_eq!(lines.last(), Some(&("POST", Some(201), "/ucwa/oauth/v1/applications")));
    let text = serde_json::to_string(&seen).expect("JSON");
    assert!(!text.contains("Pa55w.rd!") && !text.contains(&lene.token), "secrets are cut");
    assert!(text.contains("Bearer cwt="));
    assert_eq!(seen[0].origin, "http://127.0.0.1");
}

/// A running `ucwa-sim`; killed if a test leaves it behind.
struct Program {
    child: Child,
    line: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::start_without("", arguments)
    }

    /// With this in the environment variable that names what is left out.
    fn start_without(names: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ucwa-sim"))
            .args(arguments)
            .env("UCWA_SIM_WITHOUT", names)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut line).expect("a line");
        Self { child, line }
    }

    fn complaint(arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_ucwa-sim")).args(arguments).output().expect("it runs");
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("UTF-8")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_prints_where_it_is() {
    let mut script = tempfile::NamedTempFile::new().expect("a file");
    let text = json!({"users": [{"uri": "sip:kim@fabrikam.com", "password": "x"}], "invite": ["sip:bo@fabrikam.com"]});
    script.write_all(text.to_string().as_bytes()).expect("written");
    let path = script.path().to_str().expect("a path");
    let program =
        Program::start(&["--listen", "127.0.0.1:0", "--script", path, "--answer-timeout", "1500ms"]);
    let line: Value = serde_json::from_str(&program.line).expect("one JSON object");
    assert_eq!(
        line.as_object().expect("an object").keys().collect::<Vec<_>>(),
        ["ca_pem", "control_url", "root_url"]
    );
    assert_eq!(line["ca_pem"], Value::Null);
    let root = line["root_url"].as_str().expect("a URL");
    let address = root.trim_start_matches("http://").trim_end_matches('/').parse().expect("an address");
    assert_eq!(line["control_url"], format!("{root}sim/"));
    let mut stream = connect(address);
    write_request(&mut stream, "GET", "/sim/script", &[], b"");
    let script = read_answer(&mut stream).expect("an answer").json();
    assert_eq!(script["invite"], text["invite"]);
    assert_eq!(script["switches"]["answer_timeout_ms"], 1500);
}

#[test]
fn the_program_leaves_out_what_it_is_told() {
    let names = "effect lobby; event participant added;";
    let program = Program::start_without(names, &["--without", "link admit", "--without", "effect decline"]);
    let line: Value = serde_json::from_str(&program.line).expect("one JSON object");
    let root = line["root_url"].as_str().expect("a URL");
    let address = root.trim_start_matches("http://").trim_end_matches('/').parse().expect("an address");
    let told = request(address, "GET", "/sim/without", &[], b"").json();
    let names: Vec<_> =
        told["left_out"].as_array().expect("a list").iter().map(|left| &left["name"]).collect();
    assert_eq!(names, ["link admit", "effect decline", "effect lobby", "event participant added"]);
    assert!(Program::complaint(&["--without", "gravity"]).contains("gravity"));
}

#[cfg(unix)]
#[test]
fn the_program_removes_its_ca_when_it_is_told_to_stop() {
    let mut program = Program::start(&["--tls"]);
    let line: Value = serde_json::from_str(&program.line).expect("one JSON object");
    let file = std::path::PathBuf::from(line["ca_pem"].as_str().expect("a path"));
    assert!(file.exists());
    assert!(line["root_url"].as_str().is_some_and(|url| url.starts_with("https://")));
    let told =
        Command::new("kill").args(["-TERM", &program.child.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    assert!(program.child.wait().expect("it ends").success());
    assert!(!file.exists());
}

#[test]
fn the_program_says_what_is_wrong() {
    assert!(Program::complaint(&["--script", "/nowhere.json"]).contains("/nowhere.json"));
    assert!(Program::complaint(&["--answer-timeout", "soon"]).contains("2s or 500ms"));
    let mut script = tempfile::NamedTempFile::new().expect("a file");
    script.write_all(b"{\"users\":[{\"uri\":\"sip:a@b.c\"}]}").expect("written");
    let complaint = Program::complaint(&["--script", script.path().to_str().expect("a path")]);
    assert!(complaint.contains("users[0]: missing field `password`"), "{complaint}");
}
