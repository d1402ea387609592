//! The protocol's enumerations (PROTOCOL 11), all open.

use super::open_enum::open_enum;

open_enum!(
    /// State of an invitation (PROTOCOL 6.4).
    InvitationState {
        Connecting = "Connecting",
        Alerting = "Alerting",
        Connected = "Connected",
        Declined = "Declined",
        Failed = "Failed",
        Cancelled = "Cancelled",
        Forwarded = "Forwarded",
        TeamRing = "TeamRing",
    }
);

open_enum!(
    /// State of a conversation (PROTOCOL 7.1).
    ConversationState {
        Connecting = "Connecting",
        Incoming = "Incoming",
        Connected = "Connected",
        Conferencing = "Conferencing",
        InLobby = "InLobby",
        Conferenced = "Conferenced",
        Disconnecting = "Disconnecting",
        Disconnected = "Disconnected",
    }
);

open_enum!(
    /// State of a modality (CallState).
    CallState {
        Connecting = "Connecting",
        Connected = "Connected",
        Disconnecting = "Disconnecting",
        Disconnected = "Disconnected",
        Transferring = "Transferring",
    }
);

open_enum!(
    /// Who began it.
    Direction {
        Incoming = "Incoming",
        Outgoing = "Outgoing",
    }
);

open_enum!(
    /// How urgent it is.
    Importance {
        Normal = "Normal",
        Urgent = "Urgent",
        Emergency = "Emergency",
    }
);

open_enum!(
    /// Role in a meeting.
    Role {
        Attendee = "Attendee",
        Leader = "Leader",
        Unknown = "Unknown",
    }
);

open_enum!(
    /// How a person is related to the own company.
    SourceNetwork {
        SameEnterprise = "SameEnterprise",
        Federated = "Federated",
        PublicCloud = "PublicCloud",
        Everyone = "Everyone",
        Unknown = "Unknown",
    }
);

open_enum!(
    /// A way to communicate (ModalityType and ConversationModalityType).
    Modality {
        Messaging = "Messaging",
        Audio = "Audio",
        Video = "Video",
        PanoramicVideo = "PanoramicVideo",
        PhoneAudio = "PhoneAudio",
        ApplicationSharing = "ApplicationSharing",
        DataCollaboration = "DataCollaboration",
    }
);

open_enum!(
    /// Direction of a participant's media.
    MediaDirection {
        Inactive = "Inactive",
        ReceiveOnly = "ReceiveOnly",
        SendOnly = "SendOnly",
        SendReceive = "SendReceive",
        Unknown = "Unknown",
    }
);

open_enum!(
    /// Who gets into a meeting without waiting in the lobby.
    AccessLevel {
        None = "None",
        SameEnterprise = "SameEnterprise",
        Locked = "Locked",
        Invited = "Invited",
        Everyone = "Everyone",
    }
);

open_enum!(
    /// AudienceMessaging and AudienceMuteLock.
    AudienceSetting {
        Disabled = "Disabled",
        Enabled = "Enabled",
        Unknown = "Unknown",
    }
);

open_enum!(
    /// What an event says of its target (PROTOCOL 5.2).
    EventType {
        Added = "added",
        Updated = "updated",
        Deleted = "deleted",
        Started = "started",
        Completed = "completed",
    }
);

open_enum!(
    /// How an operation ended. Both the event's words and those of the message resource (trap T-18).
    EventStatus {
        Success = "Success",
        Failure = "Failure",
        Succeeded = "Succeeded",
        Failed = "Failed",
        Pending = "Pending",
    }
);

open_enum!(
    /// What a message is written in.
    MessageFormat {
        Plain = "Plain",
        Html = "Html",
    }
);

open_enum!(
    /// Which device takes a call.
    AudioPreference {
        PhoneAudio = "PhoneAudio",
        VoipAudio = "VoipAudio",
    }
);

open_enum!(
    /// How somebody wants to be seen.
    PreferredAvailability {
        Online = "Online",
        Busy = "Busy",
        DoNotDisturb = "DoNotDisturb",
        BeRightBack = "BeRightBack",
        Away = "Away",
        Offwork = "Offwork",
    }
);
