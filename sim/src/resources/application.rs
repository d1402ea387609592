//! application and what is embedded in it: me, people, onlineMeetings, communication.

use serde_json::{Map, Value, json};

use super::conversation::insert;
use super::{Links, PASS_THIS, href};
use crate::state::application::Application;
use crate::state::ids::AppId;
use crate::state::token::Identity;
use crate::state::world::World;

impl World {
    /// The application as one of its instances sees it.
    pub(crate) fn application_json(&self, id: AppId, instance: Option<&str>) -> Option<Value> {
        let application = self.applications.get(&id)?;
        let own = application.instances.iter().find(|known| known.id.as_deref() == instance);
        let own = own.or_else(|| application.instances.first())?;
        let mut events = form_urlencoded::Serializer::new(String::new());
        events.append_pair("ack", &own.channel.current_ack().to_string());
        let mut links = Links::of(href::application(id)).add("batch", href::below(id, "batch"));
        if let Some(instance) = &own.id {
            events.append_pair("instanceId", instance);
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("instanceId", instance);
            links = links.add("self", format!("{}?{}", href::application(id), query.finish()));
        }
        links = links
            .add("events", format!("{}?{}", href::below(id, "events"), events.finish()))
            .add("policies", href::below(id, "policies"));
        let mut embedded = Map::new();
        embedded.insert("me".into(), self.me_json(id)?);
        embedded.insert("communication".into(), self.communication_json(id)?);
        if !application.owner.is_guest() {
            embedded.insert("people".into(), people_json(id));
            embedded.insert("onlineMeetings".into(), online_meetings_json(id));
        }
        let mut body = json!({
            "rel": "application",
            "culture": application.key.culture,
            "userAgent": application.key.user_agent,
            "endpointId": application.key.endpoint_id,
            "_links": links.done(),
        });
        if let Some(kind) = &application.key.kind {
            insert(&mut body, "type", kind.clone().into());
        }
        if let Some(instance) = &own.id {
            insert(&mut body, "instanceId", instance.clone().into());
        }
        // Embedded resources do not count for the version of what they are embedded in.
        let etag = super::etag_of(&body);
        insert(&mut body, "etag", etag.into());
        insert(&mut body, "_embedded", Value::Object(embedded));
        Some(body)
    }

    pub(crate) fn me_json(&self, id: AppId) -> Option<Value> {
        let application = self.applications.get(&id)?;
        let uri = application.owner.uri();
        let path = |rest: &str| href::below(id, rest);
        let mut links = Links::of(path("me"));
        if application.owner.is_guest() {
            return Some(json!({
                "rel": "me", "name": self.own_name(id, application), "uri": uri, "_links": links.done()
            }));
        }
        links = links.add("phones", path("me/phones")).add("photo", href::photo(id, uri));
        links = if application.available.is_some() {
            let parts = ["note", "presence", "location", "reportMyActivity"];
            parts.into_iter().fold(links, |links, rel| links.add(rel, path(&format!("me/{rel}"))))
        } else {
            links.add("makeMeAvailable", path("me/makeMeAvailable"))
        };
        let account = crate::uri::account(uri);
        let mut body = json!({
            "rel": "me", "name": self.name_of(uri), "uri": uri, "_links": links.done()
        });
        if application.available.is_some() {
            insert(&mut body, "emailAddresses", json!([account]));
        }
        Some(body)
    }

    /// A guest is called what he called himself in his meeting.
    fn own_name(&self, id: AppId, application: &Application) -> String {
        let here = self.conversations.iter().find(|(_, c)| c.app == id && !c.ended);
        let name = here.and_then(|(id, _)| self.own_member(*id)).map(|member| member.name.clone());
        name.unwrap_or_else(|| match &application.owner {
            Identity::Guest { .. } => "Guest".into(),
            Identity::User(uri) => self.name_of(uri),
        })
    }

    pub(crate) fn communication_json(&self, id: AppId) -> Option<Value> {
        let application = self.applications.get(&id)?;
        let communication = &application.communication;
        let path = |rest: &str| href::below(id, rest);
        let guest = application.owner.is_guest();
        let meetings = path("communication/onlineMeetingInvitations");
        let links = Links::of(href::communication(id))
            .add("conversations", path("communication/conversations?filter=active"))
            .add_if(!guest, "startMessaging", || path("communication/messagingInvitations"))
            .add_if(!guest, "startOnlineMeeting", || format!("{meetings}?onlineMeetingUri=adhoc"))
            .add("joinOnlineMeeting", meetings.clone());
        let mut body = Value::Object(communication.more.clone());
        insert(&mut body, "rel", "communication".into());
        insert(&mut body, "supportedModalities", communication.modalities.clone().into());
        insert(&mut body, "supportedMessageFormats", communication.formats.clone().into());
        insert(&mut body, &communication.guid, PASS_THIS.into());
        insert(&mut body, "etag", communication.etag.to_string().into());
        insert(&mut body, "_links", links.done());
        Some(body)
    }
}

pub(crate) fn people_json(id: AppId) -> Value {
    let path = |rest: &str| href::below(id, &format!("people{rest}"));
    let links = Links::of(path(""))
        .add("myContacts", path("/contacts"))
        .add("presenceSubscriptions", path("/presenceSubscriptions"))
        .add("search", path("/search"));
    json!({"rel": "people", "_links": links.done()})
}

pub(crate) fn online_meetings_json(id: AppId) -> Value {
    let path = |rest: &str| href::below(id, &format!("onlineMeetings{rest}"));
    let links = Links::of(path(""))
        .add("myOnlineMeetings", path("/myOnlineMeetings"))
        .add("onlineMeetingDefaultValues", path("/defaultValues"))
        .add("onlineMeetingEligibleValues", path("/eligibleValues"))
        .add("onlineMeetingPolicies", path("/policies"));
    json!({"rel": "onlineMeetings", "_links": links.done()})
}
