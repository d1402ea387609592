//! Bodies of requests. What is `None` or empty is left out; names are camelCase (trap T-23).

use serde::Serialize;

use super::data_uri::plain_data_uri;
use super::{AudioPreference, Importance, MessageFormat, Modality, PreferredAvailability, WireError};

/// POST applications (PROTOCOL 3.1). Each field at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewApplication {
    /// Language of the server's messages ("en-US").
    pub culture: String,
    /// Unique among the user's running applications.
    pub endpoint_id: String,
    /// Who asks.
    pub user_agent: String,
    /// Gives this instance an event channel of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

/// POST joinOnlineMeeting or startOnlineMeeting (PROTOCOL 8.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingRequest {
    /// Ties the request to its events; at most 50 characters.
    pub operation_id: String,
    /// Importance of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Subject; at most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Continues a conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// Which meeting to join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online_meeting_uri: Option<String>,
    /// Under which name a guest joins; at most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_display_name: Option<String>,
}

/// POST addParticipant (PROTOCOL 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddParticipantRequest {
    /// Ties the request to its events; always sent (trap T-24); at most 50 characters.
    pub operation_id: String,
    /// Who is invited: `sip:` or `tel:`.
    pub to: String,
    /// Subject; at most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Display name shown to the invited person; at most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// What the invitation offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<Modality>,
}

/// POST startMessaging (PROTOCOL 9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StartMessagingRequest {
    /// Ties the request to its events; at most 50 characters.
    pub operation_id: String,
    /// Who is called.
    pub to: String,
    /// Importance of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Subject; at most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Continues a conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The first message.
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageLink>,
}

/// Text that travels in the link `message` of a request: one of the few links that a server takes (trap T-27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageLink {
    message: HrefOnly,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct HrefOnly {
    href: String,
}

impl MessageLink {
    /// Plain text.
    pub fn plain(text: &str) -> Self {
        MessageLink { message: HrefOnly { href: plain_data_uri(text) } }
    }
}

/// POST addMessaging (PROTOCOL 9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddMessagingRequest {
    /// Ties the request to its events; at most 50 characters.
    pub operation_id: String,
}

/// POST makeMeAvailable (PROTOCOL 3.5). All is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MakeMeAvailableRequest {
    /// How the user can be reached; the server takes Messaging and PhoneAudio.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_modalities: Vec<Modality>,
    /// Which messages can be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_message_formats: Vec<MessageFormat>,
    /// How the user is seen by others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_as: Option<PreferredAvailability>,
    /// Which device takes calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_preference: Option<AudioPreference>,
    /// Where the user takes calls by phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// POST decline, with why (PROTOCOL 6.5, CallDeclineReason).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason")]
pub enum DeclineReason {
    /// For this endpoint: it may ring on at others of the user.
    Local,
    /// For every endpoint of the user.
    Global,
}

/// The bytes of a request's body: application/json.
pub fn request_body(request: &impl Serialize) -> Result<Vec<u8>, WireError> {
    serde_json::to_vec(request).map_err(|error| WireError::lacks("request", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(request: &impl Serialize) -> String {
        String::from_utf8(request_body(request).unwrap()).unwrap()
    }

    #[test]
    fn t23_camel_case_and_nothing_that_is_absent() {
        let application = NewApplication {
            culture: "en-US".into(),
            endpoint_id: "e1".into(),
            user_agent: "ua".into(),
            instance_id: None,
        };
        assert_eq!(json(&application), r#"{"culture":"en-US","endpointId":"e1","userAgent":"ua"}"#);
        let meeting = MeetingRequest {
            operation_id: "o1".into(),
            importance: Some(Importance::Urgent),
            anonymous_display_name: Some("Guest \"A\"".into()),
            ..MeetingRequest::default()
        };
        assert_eq!(
            json(&meeting),
            r#"{"operationId":"o1","importance":"Urgent","anonymousDisplayName":"Guest \"A\""}"#
        );
    }

    #[test]
    fn t24_add_participant_always_has_an_operation_id() {
        let mut add = AddParticipantRequest {
            operation_id: "o1".into(),
            to: "sip:john@contoso.com".into(),
            ..AddParticipantRequest::default()
        };
        assert_eq!(json(&add), r#"{"operationId":"o1","to":"sip:john@contoso.com"}"#);
        add.on_behalf_of = Some("Ana".into());
        add.modalities = vec![Modality::Messaging, Modality::Other("Hologram".into())];
        assert_eq!(
            json(&add),
            r#"{"operationId":"o1","to":"sip:john@contoso.com","onBehalfOf":"Ana","modalities":["Messaging","Hologram"]}"#
        );
    }

    #[test]
    fn small_requests() {
        assert_eq!(json(&DeclineReason::Local), r#"{"reason":"Local"}"#);
        let start = StartMessagingRequest {
            operation_id: "o".into(),
            to: "sip:a@b.c".into(),
            message: Some(MessageLink::plain("Hi + ä")),
            ..StartMessagingRequest::default()
        };
        let link = r#"{"message":{"href":"data:text/plain;charset=utf-8,Hi%20%2B%20%C3%A4"}}"#;
        assert_eq!(json(&start), format!(r#"{{"operationId":"o","to":"sip:a@b.c","_links":{link}}}"#));
        assert_eq!(json(&MakeMeAvailableRequest::default()), "{}");
        let available = MakeMeAvailableRequest {
            supported_modalities: vec![Modality::Messaging],
            sign_in_as: Some(PreferredAvailability::Offwork),
            ..MakeMeAvailableRequest::default()
        };
        assert_eq!(json(&available), r#"{"supportedModalities":["Messaging"],"signInAs":"Offwork"}"#);
        assert_eq!(json(&AddMessagingRequest { operation_id: "o".into() }), r#"{"operationId":"o"}"#);
    }
}
