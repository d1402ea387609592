//! A room: where people meet, whichever way they came there.

use std::collections::BTreeMap;

use super::ids::{ConversationId, InvitationId, MemberId, RoomId};
use super::media::{Spotlight, Stream};
use super::world::World;
use crate::people::Medium;

/// A meeting's room or that of a peer-to-peer conversation.
#[derive(Debug)]
pub(crate) struct Room {
    /// The conference key, for a meeting.
    pub(crate) meeting: Option<String>,
    /// Attendees may write.
    pub(crate) audience_messaging: bool,
    /// Attendees are muted and cannot unmute themselves.
    pub(crate) audience_mute_lock: bool,
    /// It is being recorded.
    pub(crate) recording: bool,
    /// Who shares an application.
    pub(crate) sharer: Option<MemberId>,
    /// On whom everybody's video is locked.
    pub(crate) video_lock: Option<MemberId>,
    /// Everybody, in the order in which they came; with those who have not come yet.
    pub(crate) members: Vec<Member>,
}

/// How far in somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the way.
    Outside,
    Lobby,
    Inside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Leader,
    Attendee,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Leader => "Leader",
            Self::Attendee => "Attendee",
        }
    }

    /// The collection that holds those of this role.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Leader => "leaders",
            Self::Attendee => "attendees",
        }
    }
}

/// One presence of somebody in a room.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    /// The last part of his path, the same in the eyes of everybody.
    pub(crate) key: String,
    pub(crate) uri: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) place: Place,
    pub(crate) organizer: bool,
    pub(crate) anonymous: bool,
    /// Is in the messaging, or will be as soon as he is let in.
    pub(crate) in_messaging: bool,
    /// The other media that he takes part in.
    pub(crate) media: BTreeMap<Medium, Stream>,
    /// SourceNetwork; none: by his address.
    pub(crate) source_network: Option<String>,
    /// His `tel:` numbers, at work and elsewhere.
    pub(crate) phones: [Option<String>; 2],
    /// Serial number of his typing; 0 when he does not type.
    pub(crate) typing: u64,
    /// The conversation of the application behind him; none for a simulated person.
    pub(crate) conversation: Option<ConversationId>,
    /// The participantInvitations that wait for him to be let in.
    pub(crate) brought_by: Vec<InvitationId>,
    /// Comes because somebody asked him to.
    pub(crate) asked: bool,
}

impl Member {
    /// Takes part in the messaging: nobody does from the lobby.
    pub(crate) fn is_messaging(&self) -> bool {
        self.in_messaging && self.place == Place::Inside
    }

    /// What is written beside a link to him: his name, of a nameless caller the number.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() && crate::uri::is_phone(&self.uri) {
            self.uri.trim_start_matches("tel:")
        } else {
            &self.name
        }
    }

    /// The collection in which he is listed.
    pub(crate) fn collection(&self) -> &'static str {
        if self.place == Place::Lobby { "lobby" } else { self.role.collection() }
    }
}

impl Room {
    pub(crate) fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    pub(crate) fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    /// Those in the room or its lobby.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.place != Place::Outside)
    }

    pub(crate) fn by_uri(&self, uri: &str) -> Option<&Member> {
        self.present().find(|member| crate::uri::same(&member.uri, uri))
    }

    /// By URI, or by the last part of the path: the second one of the same account is `sip:bo@contoso.com;2`.
    pub(crate) fn by_name(&self, uri: &str) -> Option<&Member> {
        let key = crate::uri::account(uri);
        self.by_uri(uri).or_else(|| self.present().find(|member| member.key.eq_ignore_ascii_case(key)))
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.key.eq_ignore_ascii_case(key))
    }

    pub(crate) fn spotlight(&self, spotlight: Spotlight) -> Option<MemberId> {
        match spotlight {
            Spotlight::Sharer => self.sharer,
            Spotlight::VideoLock => self.video_lock,
        }
    }

    /// How many wait in the lobby.
    pub(crate) fn waiting(&self) -> usize {
        self.members.iter().filter(|member| member.place == Place::Lobby).count()
    }

    /// How many are in, the lobby not counted.
    pub(crate) fn count(&self) -> usize {
        self.members.iter().filter(|member| member.place == Place::Inside).count()
    }
}

/// Somebody who is to come into a room.
pub(crate) struct Newcomer {
    pub(crate) uri: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) organizer: bool,
    pub(crate) anonymous: bool,
    pub(crate) conversation: Option<ConversationId>,
}

impl World {
    pub(crate) fn new_room(&mut self, meeting: Option<String>) -> RoomId {
        let id = RoomId(self.number());
        self.rooms.insert(
            id,
            Room {
                meeting,
                audience_messaging: true,
                audience_mute_lock: false,
                recording: false,
                sharer: None,
                video_lock: None,
                members: Vec::new(),
            },
        );
        id
    }

    /// Gives somebody a place outside the door.
    pub(crate) fn add_member(&mut self, room: RoomId, newcomer: Newcomer) -> MemberId {
        let id = MemberId(self.number());
        let person = self.person(&newcomer.uri).cloned().filter(|_| newcomer.conversation.is_none());
        let person = person.unwrap_or_default();
        let Some(room) = self.rooms.get_mut(&room) else {
            return id;
        };
        let meets = room.meeting.is_some();
        let media = person.joins.iter().filter(|_| meets).map(|medium| (*medium, Stream::new(id, *medium)));
        let media = media.collect();
        let account = crate::uri::account(&newcomer.uri).to_ascii_lowercase();
        let mut key = account.clone();
        // The same account may come from two devices: each is a participant with a path of its own.
        let mut copies = 1;
        while room.by_key(&key).is_some() {
            copies += 1;
            key = format!("{account};{copies}");
        }
        room.members.push(Member {
            id,
            key,
            uri: newcomer.uri,
            name: newcomer.name,
            role: newcomer.role,
            place: Place::Outside,
            organizer: newcomer.organizer,
            anonymous: newcomer.anonymous,
            in_messaging: meets && person.joins_messaging,
            media,
            source_network: person.source_network,
            phones: [person.work_phone, person.other_phone],
            typing: 0,
            conversation: newcomer.conversation,
            brought_by: Vec::new(),
            asked: false,
        });
        id
    }

    pub(crate) fn member(&self, room: RoomId, id: MemberId) -> Option<&Member> {
        self.rooms.get(&room)?.member(id)
    }

    pub(crate) fn member_mut(&mut self, room: RoomId, id: MemberId) -> Option<&mut Member> {
        self.rooms.get_mut(&room)?.member_mut(id)
    }

    /// Puts somebody at the end of the list: the order of the roster is the order of coming.
    pub(crate) fn place_member(&mut self, room: RoomId, id: MemberId, place: Place) {
        let Some(room) = self.rooms.get_mut(&room) else {
            return;
        };
        if let Some(at) = room.members.iter().position(|member| member.id == id) {
            let mut member = room.members.remove(at);
            member.place = place;
            room.members.push(member);
        }
    }

    pub(crate) fn remove_member(&mut self, room: RoomId, id: MemberId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.members.retain(|member| member.id != id);
        }
    }
}
