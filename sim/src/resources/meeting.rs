//! onlineMeeting of a conversation, and myOnlineMeeting of a schedule.

use serde_json::{Value, json};

use super::conversation::{enabled, insert};
use super::{Links, PASS_THIS, href};
use crate::state::ids::{AppId, ConversationId};
use crate::state::meeting::Meeting;
use crate::state::world::{World, date};

impl World {
    /// The meeting of a conversation, read only.
    pub(crate) fn online_meeting_json(&self, id: ConversationId) -> Option<Value> {
        let meeting = self.meeting_of(id)?;
        let app = self.live(id)?.app;
        let links = Links::of(href::in_conversation(app, id, "onlineMeeting"))
            .add("conversation", href::conversation(app, id))
            .add("organizer", href::contact(app, &meeting.organizer));
        let mut body = self.meeting_properties(meeting);
        insert(&mut body, "rel", "onlineMeeting".into());
        insert(&mut body, "organizerName", self.name_of(&meeting.organizer).into());
        insert(&mut body, "hostingNetwork", "SameEnterprise".into());
        insert(&mut body, "largeMeeting", "Disabled".into());
        insert(&mut body, "_links", links.done());
        Some(body)
    }

    /// What it looks like on the wire when a conversation becomes that of a meeting.
    pub(crate) fn lean_online_meeting_json(&self, id: ConversationId) -> Option<Value> {
        let (meeting, app) = (self.meeting_of(id)?, self.live(id)?.app);
        let links = Links::of(href::in_conversation(app, id, "onlineMeeting"))
            .add("conversation", href::conversation(app, id));
        Some(json!({"rel": "onlineMeeting", "onlineMeetingUri": meeting.uri, "_links": links.done()}))
    }

    /// A scheduled meeting of the user.
    pub(crate) fn my_online_meeting_json(&self, app: AppId, meeting: &Meeting) -> Value {
        let path = href::below(app, &format!("onlineMeetings/myOnlineMeetings/{}", meeting.id));
        let mut body = self.meeting_properties(meeting);
        for (name, value) in &meeting.more {
            insert(&mut body, name, value.clone());
        }
        insert(&mut body, "rel", "myOnlineMeeting".into());
        insert(&mut body, &meeting.guid, PASS_THIS.into());
        insert(&mut body, "etag", meeting.etag.to_string().into());
        insert(&mut body, "_links", Links::of(path).done());
        body
    }

    fn meeting_properties(&self, meeting: &Meeting) -> Value {
        let who = crate::uri::account(&meeting.organizer);
        let (who, domain) = who.split_once('@').unwrap_or((who, &self.domain));
        json!({
            "accessLevel": meeting.access_level,
            "attendees": meeting.attendees,
            "automaticLeaderAssignment": meeting.automatic_leaders,
            "conferenceId": meeting.conference_id,
            "description": meeting.description,
            "entryExitAnnouncement": "Disabled",
            "expirationTime": date(meeting.expires_ms),
            "joinUrl": format!("https://meet.{domain}/{who}/{}", meeting.id),
            "leaders": meeting.leaders,
            "lobbyBypassForPhoneUsers": enabled(meeting.phones_bypass),
            "onlineMeetingId": meeting.id,
            "onlineMeetingRel": "myOnlineMeetings",
            "onlineMeetingUri": meeting.uri,
            "organizerUri": meeting.organizer,
            "phoneUserAdmission": enabled(meeting.phones_admitted),
            "subject": meeting.subject,
        })
    }
}
