//! Contacts and what is known of them.

use serde_json::{Value, json};

use super::conversation::insert;
use super::{Links, href};
use crate::people::Answer;
use crate::state::ids::AppId;
use crate::state::world::{World, date, unix_ms};

/// What can be read of a contact: the rel of its link, and the last part of its path.
const CONTACT_PARTS: [(&str, &str); 5] = [
    ("contactPresence", "presence"),
    ("contactLocation", "location"),
    ("contactNote", "note"),
    ("contactSupportedModalities", "supportedMedia"),
    ("contactPrivacyRelationship", "privacyRelationship"),
];

impl World {
    /// The full URI behind the last part of a contact's path, of anybody who is known or in a room.
    pub(crate) fn known_uri(&self, account: &str) -> Option<String> {
        let is = |uri: &&String| crate::uri::account(uri).eq_ignore_ascii_case(account);
        let users = self.users.iter().map(|user| &user.uri);
        let exists = |person: &&crate::people::Person| person.behaviour.answer != Answer::Unknown;
        let people = self.people.iter().filter(exists).map(|person| &person.uri);
        let members = self.rooms.values().flat_map(|room| room.members.iter().map(|member| &member.uri));
        users.chain(people).chain(members).find(is).cloned()
    }

    /// The name of a contact: as known, or as he is called in a room.
    fn contact_name(&self, uri: &str) -> String {
        let known = self.name_of(uri);
        if !known.is_empty() {
            return known;
        }
        let members = self.rooms.values().flat_map(|room| room.members.iter());
        let member = members.filter(|member| crate::uri::same(&member.uri, uri)).find(|m| !m.name.is_empty());
        member.map(|member| member.name.clone()).unwrap_or_default()
    }

    pub(crate) fn contact_json(&self, app: AppId, uri: &str) -> Value {
        let path = href::contact(app, uri);
        let mut links = Links::of(path.clone()).add("contactPhoto", href::photo(app, uri));
        for (rel, rest) in CONTACT_PARTS {
            links = links.add(rel, format!("{path}/{rest}"));
        }
        let home = crate::uri::domain(uri).is_some_and(|domain| {
            self.users
                .iter()
                .any(|user| crate::uri::domain(&user.uri).is_some_and(|d| d.eq_ignore_ascii_case(domain)))
        });
        let mut body = json!({
            "rel": "contact",
            "uri": uri,
            "name": self.contact_name(uri),
            "type": "User",
            "sourceNetwork": if home { "SameEnterprise" } else { "Federated" },
            "emailAddresses": [crate::uri::account(uri)],
            "_links": links.done(),
        });
        let etag = super::etag_of(&body);
        insert(&mut body, "etag", etag.into());
        body
    }

    /// One of the five things below a contact.
    pub(crate) fn contact_part_json(&self, app: AppId, uri: &str, part: &str) -> Option<Value> {
        let part =
            CONTACT_PARTS.iter().map(|(_, part)| *part).find(|known| known.eq_ignore_ascii_case(part))?;
        let links = Links::of(format!("{}/{part}", href::contact(app, uri))).done();
        let own = self.availability(uri).cloned();
        Some(match part {
            "presence" => json!({
                "rel": "contactPresence", "availability": self.availability_of(uri), "deviceType": "PC",
                "lastActive": date(unix_ms()),
                "_links": links,
            }),
            "note" => json!({
                "rel": "contactNote", "type": "Personal", "_links": links,
                "message": own.map(|own| own.note).unwrap_or_default(),
            }),
            "location" => json!({
                "rel": "contactLocation", "_links": links,
                "location": own.map(|own| own.location).unwrap_or_default(),
            }),
            "supportedMedia" => json!({
                "rel": "contactSupportedModalities", "modalities": ["Messaging"], "_links": links,
            }),
            "privacyRelationship" => json!({
                "rel": "contactPrivacyRelationship", "relationshipLevel": "Colleagues", "_links": links,
            }),
            _ => return None,
        })
    }

    /// myContacts: everybody who is known but oneself.
    pub(crate) fn contacts_json(&self, app: AppId) -> Option<Value> {
        let own = self.applications.get(&app)?.owner.uri();
        let contacts = self.contacts(|uri, _| !crate::uri::same(uri, own));
        let contacts: Vec<_> = contacts.iter().map(|uri| self.contact_json(app, uri)).collect();
        let links = Links::of(href::below(app, "people/contacts")).done();
        Some(json!({"rel": "myContacts", "_links": links, "_embedded": {"contact": contacts}}))
    }

    /// search: by a part of the name or the address.
    pub(crate) fn search_json(&self, app: AppId, query: &str, limit: usize) -> Value {
        let wanted = query.to_lowercase();
        let found = self.contacts(|uri, name| {
            name.to_lowercase().contains(&wanted) || crate::uri::account(uri).to_lowercase().contains(&wanted)
        });
        let more = found.len() > limit;
        let found: Vec<_> = found.iter().take(limit).map(|uri| self.contact_json(app, uri)).collect();
        let links = Links::of(href::below(app, "people/search")).done();
        json!({"rel": "search", "moreResultsAvailable": more, "_links": links, "_embedded": {"contact": found}})
    }

    fn contacts(&self, wanted: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let users = self.users.iter().map(|user| (&user.uri, &user.name));
        let exists = |person: &&crate::people::Person| person.behaviour.answer != Answer::Unknown;
        let people = self.people.iter().filter(exists).map(|person| (&person.uri, &person.name));
        users.chain(people).filter(|(uri, name)| wanted(uri, name)).map(|(uri, _)| uri.clone()).collect()
    }
}
