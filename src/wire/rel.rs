//! Link relations and resource types. The prefixes of the second dialect end here (trap T-1).

use super::open_enum::open_enum;

open_enum!(
    /// A rel, without its prefix.
    Rel {
        // the way in
        User = "user",
        Redirect = "redirect",
        Xframe = "xframe",
        Applications = "applications",
        Application = "application",
        // links of every resource and of an event page
        SelfLink = "self",
        Next = "next",
        Resume = "resume",
        Resync = "resync",
        Events = "events",
        Batch = "batch",
        // parts of the application
        Me = "me",
        People = "people",
        OnlineMeetings = "onlineMeetings",
        Communication = "communication",
        MakeMeAvailable = "makeMeAvailable",
        ReportMyActivity = "reportMyActivity",
        StartMessaging = "startMessaging",
        StartOnlineMeeting = "startOnlineMeeting",
        JoinOnlineMeeting = "joinOnlineMeeting",
        Conversations = "conversations",
        // conversation
        Conversation = "conversation",
        OnlineMeeting = "onlineMeeting",
        Messaging = "messaging",
        PhoneAudio = "phoneAudio",
        AudioVideo = "audioVideo",
        ApplicationSharing = "applicationSharing",
        DataCollaboration = "dataCollaboration",
        AddParticipant = "addParticipant",
        EnableAudienceMuteLock = "enableAudienceMuteLock",
        DisableAudienceMuteLock = "disableAudienceMuteLock",
        EnableAudienceMessaging = "enableAudienceMessaging",
        DisableAudienceMessaging = "disableAudienceMessaging",
        AddMessaging = "addMessaging",
        StopMessaging = "stopMessaging",
        SendMessage = "sendMessage",
        Message = "message",
        PlainMessage = "plainMessage",
        HtmlMessage = "htmlMessage",
        CustomContent = "customContent",
        // roster
        Participant = "participant",
        LocalParticipant = "localParticipant",
        Participants = "participants",
        Leaders = "leaders",
        Attendees = "attendees",
        Lobby = "lobby",
        TypingParticipants = "typingParticipants",
        ParticipantMessaging = "participantMessaging",
        ParticipantAudio = "participantAudio",
        ParticipantVideo = "participantVideo",
        ParticipantPanoramicVideo = "participantPanoramicVideo",
        ParticipantApplicationSharing = "participantApplicationSharing",
        ParticipantDataCollaboration = "participantDataCollaboration",
        Contact = "contact",
        ContactPhoto = "contactPhoto",
        ContactPresence = "contactPresence",
        MuteAudio = "muteAudio",
        UnmuteAudio = "unmuteAudio",
        MuteVideo = "muteVideo",
        UnmuteVideo = "unmuteVideo",
        Admit = "admit",
        Reject = "reject",
        Eject = "eject",
        Promote = "promote",
        Demote = "demote",
        // invitations
        ParticipantInvitation = "participantInvitation",
        OnlineMeetingInvitation = "onlineMeetingInvitation",
        MessagingInvitation = "messagingInvitation",
        PhoneAudioInvitation = "phoneAudioInvitation",
        AudioVideoInvitation = "audioVideoInvitation",
        From = "from",
        To = "to",
        AcceptedByParticipant = "acceptedByParticipant",
        OnBehalfOf = "onBehalfOf",
        Accept = "accept",
        Decline = "decline",
        Cancel = "cancel",
    }
);

/// The prefixes of the Trusted Application API (PROTOCOL 12.1).
const PREFIXES: [&str; 2] = ["ms:rtc:saas:", "service:"];

impl Rel {
    /// The rel behind a name on the wire, with or without a prefix.
    pub fn parse(name: &str) -> Self {
        let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        Rel::from_word(bare)
    }
}
