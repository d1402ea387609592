//! Messages.

use super::conversation::{CallState, Message};
use super::ids::{ConversationId, MemberId, RoomId};
use super::world::{World, unix_ms};

impl World {
    /// sendMessage. Gives the number of the message.
    pub(crate) fn send_message(
        &mut self,
        conversation: ConversationId,
        content_type: &str,
        text: &str,
        operation_id: Option<String>,
    ) -> Option<usize> {
        let found = self.live(conversation)?;
        let (app, room, own) = (found.app, found.room, found.member);
        let message = Message {
            incoming: false,
            from: None,
            content_type: content_type.to_owned(),
            text: text.to_owned(),
            operation_id,
            sent_ms: unix_ms(),
        };
        let number = self.keep_message(conversation, message)?;
        let event = self.message_event(app, conversation, number);
        if let Some(body) = self.message_json(conversation, number) {
            self.tell(app, event.embed(body));
        }
        self.say(room, own, content_type, text);
        Some(number)
    }

    fn keep_message(&mut self, conversation: ConversationId, message: Message) -> Option<usize> {
        let messages = &mut self.conversations.get_mut(&conversation)?.messages;
        messages.push(message);
        Some(messages.len())
    }

    /// Somebody in a room says something: all others in its messaging get it.
    pub(crate) fn say(&mut self, room: RoomId, from: MemberId, content_type: &str, text: &str) {
        for (_, id) in self.others(room, from) {
            if self.live(id).is_some_and(|conversation| conversation.messaging == CallState::Connected) {
                self.deliver(id, from, content_type, text);
            }
        }
    }

    /// A message comes in.
    pub(crate) fn deliver(&mut self, id: ConversationId, from: MemberId, content_type: &str, text: &str) {
        let Some((app, room)) = self.live(id).map(|c| (c.app, c.room)) else {
            return;
        };
        let from = self.member(room, from).map(|m| (m.key.clone(), m.name.clone(), m.uri.clone()));
        let message = Message {
            incoming: true,
            from,
            content_type: content_type.to_owned(),
            text: text.to_owned(),
            operation_id: None,
            sent_ms: unix_ms(),
        };
        let Some(number) = self.keep_message(id, message) else {
            return;
        };
        let event = self.message_event(app, id, number);
        if let Some(body) = self.message_json(id, number) {
            self.tell(app, event.embed(body));
        }
    }
}

/// Type and text of a data URI, form encoded or base64.
pub(crate) fn read_data_uri(uri: &str) -> Option<(String, String)> {
    let rest = uri.trim().strip_prefix("data:")?;
    let (head, data) = rest.split_once(',')?;
    let content_type = head.split(';').next().filter(|word| !word.is_empty()).unwrap_or("text/plain");
    let bytes = if head.to_ascii_lowercase().ends_with(";base64") {
        base64(data)?
    } else {
        let spaced = data.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).collect()
    };
    Some((content_type.to_ascii_lowercase(), String::from_utf8_lossy(&bytes).into_owned()))
}

/// Decodes base64; blanks are skipped, padding may be missing.
fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let tight: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(tight).ok()
}

#[cfg(test)]
mod tests {
    use super::read_data_uri;

    #[test]
    fn reads_data_uris_in_every_encoding() {
        let read = |uri| read_data_uri(uri).map(|(_, text)| text);
        assert_eq!(read("data:text/plain;charset=utf-8,Hi+Tosh%0d%0a").as_deref(), Some("Hi Tosh\r\n"));
        assert_eq!(read("data:text/plain;base64,SGVsbG8h").as_deref(), Some("Hello!"));
        assert_eq!(read("data:text/plain;base64,SGVsbG8=").as_deref(), Some("Hello"));
        assert_eq!(read("data:,x").as_deref(), Some("x"));
        assert_eq!(read("text/plain,x"), None);
        assert_eq!(read("data:text/plain;base64,!!"), None);
    }
}
