//! onlineMeetings: scheduling.

use serde_json::{Value, json};

use super::communication::check_put;
use super::input::Input;
use super::response::{Handled, Response};
use super::router::Call;
use crate::resources::{Links, application, href};
use crate::settings::{AccessLevel, AutomaticLeaders};
use crate::state::event::EventType;
use crate::state::world::unix_ms;

const YEAR_MS: u64 = 365 * 24 * 3600 * 1000;
const ACCESS_LEVELS: [&str; 4] = ["SameEnterprise", "Locked", "Invited", "Everyone"];
const LEADER_ASSIGNMENTS: [&str; 3] = ["Disabled", "SameEnterprise", "Everyone"];
const ON_OFF: [&str; 2] = ["Disabled", "Enabled"];
/// Settings that are kept and played back, and change nothing here.
const KEPT: [&str; 2] = ["entryExitAnnouncement", "attendanceAnnouncementsStatus"];

pub(crate) fn route(call: &mut Call<'_>, method: &str, rest: &[&str]) -> Option<Handled> {
    if call.identity.is_guest() {
        return Some(Err(Response::forbidden("AnonymousNotAllowed")));
    }
    let body = |body: Value| Ok(Response::json(200, body));
    Some(match (rest, method) {
        ([], "GET") => body(application::online_meetings_json(call.app)),
        (["defaultvalues" | "eligiblevalues" | "policies"], "GET") => {
            body(values(call, rest.first().copied().unwrap_or_default()))
        }
        (["myonlinemeetings"], "GET") => body(list(call)),
        (["myonlinemeetings"], "POST") => schedule(call),
        (["myonlinemeetings", id], _) => return one(call, method, &id.to_uppercase()),
        ([] | ["defaultvalues" | "eligiblevalues" | "policies" | "myonlinemeetings"], _) => {
            Err(Response::method_not_allowed())
        }
        _ => return None,
    })
}

fn values(call: &Call<'_>, which: &str) -> Value {
    let links = Links::of(href::below(
        call.app,
        match which {
            "defaultvalues" => "onlineMeetings/defaultValues",
            "eligiblevalues" => "onlineMeetings/eligibleValues",
            _ => "onlineMeetings/policies",
        },
    ))
    .done();
    match which {
        "defaultvalues" => json!({
            "rel": "onlineMeetingDefaultValues", "_links": links, "accessLevel": "SameEnterprise",
            "automaticLeaderAssignment": "Disabled", "defaultOnlineMeetingRel": "myOnlineMeetings",
            "entryExitAnnouncement": "Disabled", "lobbyBypassForPhoneUsers": "Disabled",
            "participantsWarningThreshold": 200,
        }),
        "eligiblevalues" => json!({
            "rel": "onlineMeetingEligibleValues", "_links": links, "accessLevels": ACCESS_LEVELS,
            "automaticLeaderAssignments": LEADER_ASSIGNMENTS,
            "eligibleOnlineMeetingRels": ["myOnlineMeetings"], "entryExitAnnouncements": ["Disabled", "Enabled"],
            "lobbyBypassForPhoneUsersSettings": ["Disabled", "Enabled"],
        }),
        _ => json!({
            "rel": "onlineMeetingPolicies", "_links": links, "entryExitAnnouncement": "Enabled",
            "externalUserMeetingRecording": "Disabled", "meetingRecording": "Disabled", "meetingSize": 250,
            "phoneUserAdmission": "Enabled", "voipAudio": "Disabled",
        }),
    }
}

fn list(call: &Call<'_>) -> Value {
    let own = call.identity.uri();
    let own =
        call.world.meetings.values().filter(|meeting| {
            meeting.scheduled && !meeting.deleted && crate::uri::same(&meeting.organizer, own)
        });
    let meetings: Vec<_> = own.map(|meeting| call.world.my_online_meeting_json(call.app, meeting)).collect();
    let links = Links::of(href::below(call.app, "onlineMeetings/myOnlineMeetings")).done();
    let embedded = json!({"myAssignedOnlineMeeting": [], "myOnlineMeeting": meetings});
    json!({"rel": "myOnlineMeetings", "_links": links, "_embedded": embedded})
}

fn schedule(call: &mut Call<'_>) -> Handled {
    let input = Input::read(call.request)?;
    let plan = Plan::read(&input)?;
    let organizer = call.identity.uri().to_owned();
    let id = call.world.new_meeting(&organizer, None);
    plan.apply(call, &id);
    let status = call.world.switches.schedule_status;
    let meeting = call.world.meetings.get(&id).ok_or_else(Response::not_found)?;
    Ok(Response::json(status, call.world.my_online_meeting_json(call.app, meeting)))
}

fn one(call: &mut Call<'_>, method: &str, id: &str) -> Option<Handled> {
    let own = call.identity.uri();
    let meeting = call.world.meetings.values().find(|meeting| {
        meeting.id.eq_ignore_ascii_case(id)
            && meeting.scheduled
            && !meeting.deleted
            && crate::uri::same(&meeting.organizer, own)
    });
    let Some(meeting) = meeting.cloned() else {
        return Some(Err(Response::not_found()));
    };
    Some(match method {
        "GET" => Ok(Response::json(200, call.world.my_online_meeting_json(call.app, &meeting))),
        "PUT" => Input::read(call.request).and_then(|input| {
            check_put(call, &input, &meeting.etag.to_string(), &meeting.guid)?;
            Plan::read(&input)?.apply(call, &meeting.id);
            for (app, id) in call.world.viewers(meeting.room) {
                call.world.tell_online_meeting(app, id, EventType::Updated);
            }
            let meeting = call.world.meetings.get(&meeting.id).ok_or_else(Response::not_found)?;
            Ok(Response::json(200, call.world.my_online_meeting_json(call.app, meeting)))
        }),
        "DELETE" => {
            call.world.end_meeting(meeting.room);
            if let Some(meeting) = call.world.meetings.get_mut(&meeting.id) {
                meeting.deleted = true;
            }
            Ok(Response::empty(204))
        }
        _ => Err(Response::method_not_allowed()),
    })
}

/// What a client wants of a meeting.
struct Plan {
    access_level: AccessLevel,
    automatic_leaders: AutomaticLeaders,
    phones_bypass: bool,
    phones_admitted: bool,
    subject: String,
    description: String,
    leaders: Vec<String>,
    attendees: Vec<String>,
    expires_ms: Option<u64>,
    more: Vec<(&'static str, Value)>,
}

impl Plan {
    fn read(input: &Input) -> Result<Self, Response> {
        let word = |name: &'static str, allowed: &[&str], default: &str| {
            let word = input.text(name, 50)?.unwrap_or_else(|| default.to_owned());
            if allowed.contains(&word.as_str()) {
                Ok(word)
            } else {
                Err(Response::invalid(&[(name, "Invalid")]))
            }
        };
        let level = word("accessLevel", &ACCESS_LEVELS, "SameEnterprise")?;
        let list = |name| Ok::<_, Response>(input.texts(name)?.unwrap_or_default());
        Ok(Self {
            access_level: match level.as_str() {
                "Everyone" => AccessLevel::Everyone,
                "Invited" => AccessLevel::Invited,
                "Locked" => AccessLevel::Locked,
                _ => AccessLevel::SameEnterprise,
            },
            automatic_leaders: match word("automaticLeaderAssignment", &LEADER_ASSIGNMENTS, "Disabled")?
                .as_str()
            {
                "SameEnterprise" => AutomaticLeaders::SameEnterprise,
                "Everyone" => AutomaticLeaders::Everyone,
                _ => AutomaticLeaders::Disabled,
            },
            phones_bypass: word("lobbyBypassForPhoneUsers", &ON_OFF, "Disabled")? == "Enabled",
            phones_admitted: word("phoneUserAdmission", &ON_OFF, "Disabled")? == "Enabled",
            subject: input.text("subject", 1000)?.unwrap_or_default(),
            description: input.text("description", 10_000)?.unwrap_or_default(),
            leaders: list("leaders")?,
            attendees: list("attendees")?,
            expires_ms: expiration(input)?,
            more: KEPT.iter().filter_map(|name| Some((*name, input.value(name)?.clone()))).collect(),
        })
    }

    fn apply(self, call: &mut Call<'_>, id: &str) {
        let Some(meeting) = call.world.meetings.get_mut(id) else {
            return;
        };
        meeting.scheduled = true;
        meeting.access_level = self.access_level;
        meeting.automatic_leaders = self.automatic_leaders;
        meeting.phones_bypass = self.phones_bypass;
        meeting.phones_admitted = self.phones_admitted;
        meeting.description = self.description;
        meeting.leaders = self.leaders;
        meeting.attendees = self.attendees;
        meeting.expires_ms = self.expires_ms.unwrap_or(meeting.expires_ms);
        meeting.etag += 1;
        meeting.more.clear();
        for (name, value) in self.more {
            meeting.more.insert(name.to_owned(), value);
        }
        let room = meeting.room;
        call.world.set_subject(room, &self.subject);
    }
}

/// Between a year ago and ten years ahead.
fn expiration(input: &Input) -> Result<Option<u64>, Response> {
    let Some(text) = input.text("expirationTime", 100)? else {
        return Ok(None);
    };
    let bad = |reason| Response::invalid(&[("expirationTime", reason)]);
    let ms = read_date(&text).ok_or_else(|| bad("Invalid"))?;
    let now = unix_ms();
    if ms < now.saturating_sub(YEAR_MS) || ms > now + 10 * YEAR_MS {
        return Err(bad("OutOfRange"));
    }
    Ok(Some(ms))
}

/// `/Date(ms)/`, or ISO 8601 in UTC.
fn read_date(text: &str) -> Option<u64> {
    let plain = text.replace('\\', "");
    if let Some(ms) = plain.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return ms.parse().ok();
    }
    let (day, time) = plain.split_once('T')?;
    let mut day = day.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, date) = (day.next()??, day.next()??, day.next()??);
    let time = time.trim_end_matches('Z');
    let mut time = time.split(':');
    let (hour, minute): (i64, i64) = (time.next()?.parse().ok()?, time.next()?.parse().ok()?);
    let second: f64 = time.next().unwrap_or("0").parse().ok()?;
    let day_is_real = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&date);
    let time_is_real = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0.0..61.0).contains(&second);
    if !day_is_real || !time_is_real {
        return None;
    }
    // Days from civil, after Howard Hinnant: the year begins in March, so that the leap day is its last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y / 400;
    let of_era = y - era * 400;
    let of_year = (153 * m + 2) / 5 + date - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60;
    u64::try_from(seconds * 1000 + (second * 1000.0) as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::read_date;

    #[test]
    fn reads_both_kinds_of_dates() {
        assert_eq!(read_date("/Date(1360199838000)/"), Some(1_360_199_838_000));
        assert_eq!(read_date("\\/Date(1360199838000)\\/"), Some(1_360_199_838_000));
        assert_eq!(read_date("2013-02-07T01:17:18.000Z"), Some(1_360_199_838_000));
        assert_eq!(read_date("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        for bad in [
            "",
            "soon",
            "2013-13-07T01:17:18Z",
            "/Date(x)/",
            "2013-02-07",
            "2013-02-9999999999999999999T00:00:00Z",
        ] {
            assert_eq!(read_date(bad), None, "{bad}");
        }
    }
}
