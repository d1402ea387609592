/* ucwa.h - the C API of libucwa, a client engine for UCWA, the HTTP API of Skype for Business Server.
 * Written by cbindgen from src/capi: `make header`. C99 and later, C++11 and later.
 *
 * Rules that hold for every function; only what differs is said there.
 *
 *  threads   Every function may be called from any thread.
 *  handles   Pointers to ucwa_config, ucwa_session, ucwa_reader and ucwa_subscription are opaque checked tokens, never
 *            dereferenced. A freed handle, a handle of another kind or any other value gives UCWA_E_INVALID_HANDLE,
 *            one made before fork() and used in the child UCWA_E_FORKED, NULL UCWA_E_NULL_ARG, except that
 *            *_free*(NULL) is UCWA_OK and does nothing. Freeing while another thread uses the handle is fine: that
 *            call ends well or finds it freed.
 *  objects   Events (ucwa_event) and rosters (ucwa_roster) are real objects, immutable and reference counted, so that
 *            reading them costs nothing. For these two the usual rules of C hold: a pointer that was let go of (unref)
 *            or that is none of ours is not noticed.
 *  waiting   Only ucwa_reader_next, ucwa_session_wait, ucwa_session_free, ucwa_subscription_free and ucwa_shutdown may
 *            wait. Inside a callback of ours they do not wait or give UCWA_E_WOULD_DEADLOCK, as each says. Everything
 *            that asks the server returns at once and ends in an event.
 *  strings   in: NUL-terminated UTF-8, copied before return. With a length beside it, so many bytes, or
 *            UCWA_NUL_TERMINATED. Any bytes may come: what is not UTF-8 gives UCWA_E_INVALID_ARG.
 *            out: NUL-terminated UTF-8, borrowed from the object that holds them, never NULL, "" when absent. U+0000
 *            sent by a server arrives as U+FFFD.
 *  results   Written only when the function succeeds (UCWA_OK), except that pointers (handles, events, rosters) are
 *            set to NULL first. ucwa_last_error_message() says which argument was wrong, and why.
 *  structs   Those that the library hands out only grow at their end and carry their size; those that the caller makes
 *            begin with the _INIT macro. A struct_size below this version's is UCWA_E_INVALID_ARG, above it is fine.
 *  user_data Each callback comes with a pointer for it and a destroy function, which may be NULL: ucwa_destroy_cb. No
 *            callback and no destroy function may leave by longjmp or by a C++ exception.
 *  defects   A panic of the library is caught: UCWA_E_PANIC, and the session concerned becomes FAILED.
 *  ids       uint64_t, 0 = none, never reused while a session handle lives.
 *  fork      A child has none of the parent's handles and none of its threads: callbacks and destroy functions of the
 *            parent never run there. It may make its own, and may read the events and rosters that it has.
 *  unloading The library is never unloaded (-z nodelete); call ucwa_shutdown() before the end of a program or a
 *            plugin. */

#ifndef UCWA_H
#define UCWA_H

#include <stddef.h>
#include <stdint.h>

#define UCWA_VERSION_MAJOR 0
#define UCWA_VERSION_MINOR 1
#define UCWA_VERSION_PATCH 0
#define UCWA_VERSION_NUMBER ((UCWA_VERSION_MAJOR << 16) | (UCWA_VERSION_MINOR << 8) | UCWA_VERSION_PATCH)

/* Define UCWA_STATIC before including this header when linking the static library. */
#if defined(UCWA_STATIC)
# define UCWA_API
#elif defined(_WIN32)
# define UCWA_API __declspec(dllimport)
#elif defined(__GNUC__)
# define UCWA_API __attribute__((visibility("default")))
#else
# define UCWA_API
#endif
#if defined(__GNUC__)
# define UCWA_MUST_USE __attribute__((warn_unused_result))
#else
# define UCWA_MUST_USE
#endif

/* As a length: up to the NUL. */
#define UCWA_NUL_TERMINATED ((size_t)-1)

/* Masks of readers and subscriptions: UCWA_MASK(UCWA_EVENT_INVITATION) | UCWA_MASK(UCWA_EVENT_STATE). */
#define UCWA_MASK(type) ((uint64_t)1 << ((type) & 63))
#define UCWA_MASK_ALL UINT64_MAX

/* ucwa_join_options opt = UCWA_JOIN_OPTIONS_INIT; */
#define UCWA_JOIN_OPTIONS_INIT { (uint32_t)sizeof(ucwa_join_options), 0, NULL, NULL }
#define UCWA_ADD_PARTICIPANT_OPTIONS_INIT { (uint32_t)sizeof(ucwa_add_participant_options), 0, NULL, NULL, NULL }
#define UCWA_CONVERSATION_OPTIONS_INIT { (uint32_t)sizeof(ucwa_conversation_options), 0, NULL, NULL, NULL }
#define UCWA_AVAILABILITY_OPTIONS_INIT { (uint32_t)sizeof(ucwa_availability_options), 0, NULL, NULL, NULL, NULL }
#define UCWA_COUNTS_INIT { (uint32_t)sizeof(ucwa_counts), 0, 0, 0, 0, 0, 0, 0 }

/// The number in libucwa.so.1: grows only on an incompatible change. Compare it with ucwa_abi_version().
#define UCWA_ABI_VERSION 1

/// Something failed for good.
#define UCWA_LOG_ERROR 1

/// Something failed and is tried again, or was left out.
#define UCWA_LOG_WARN 2

/// What an operator wants to know.
#define UCWA_LOG_INFO 3

/// What somebody who looks for a fault wants to know.
#define UCWA_LOG_DEBUG 4

/// Everything.
#define UCWA_LOG_TRACE 5

/// Made, not opened.
#define UCWA_STATE_NEW 0

/// Looks for the server.
#define UCWA_STATE_DISCOVERING 1

/// Signs in.
#define UCWA_STATE_AUTHENTICATING 2

/// Signed in; events flow.
#define UCWA_STATE_ONLINE 3

/// Something broke and is tried again.
#define UCWA_STATE_RECOVERING 4

/// Signs out.
#define UCWA_STATE_CLOSING 5

/// Over; nothing follows.
#define UCWA_STATE_CLOSED 6

/// Over, with a reason: ucwa_event.error of the event, ucwa_session_failure().
#define UCWA_STATE_FAILED 7

/// An operation of the host ended: u.op.
#define UCWA_EVENT_OP_DONE 1

/// The session went to another state: u.state.
#define UCWA_EVENT_STATE 2

/// The session needs credentials: u.credentials. Answer by ucwa_session_supply_password(), ucwa_session_supply_token()
/// or ucwa_session_refuse_credentials(), now or later, from any thread.
#define UCWA_EVENT_CREDENTIALS_NEEDED 3

/// The reader was slow and changes of a roster were dropped for it: u.overflow. Take a snapshot. Given to whoever takes
/// UCWA_EVENT_PARTICIPANT.
#define UCWA_EVENT_OVERFLOW 4

/// An invitation began, moved or ended: u.invitation.
#define UCWA_EVENT_INVITATION 16

/// A conversation came, changed or went: u.conversation.
#define UCWA_EVENT_CONVERSATION 17

/// One change of a roster: u.participant.
#define UCWA_EVENT_PARTICIPANT 18

/// Reserved: this version sends none.
#define UCWA_EVENT_MESSAGE 19

/// Reserved: this version sends none.
#define UCWA_EVENT_PRESENCE 20

/// Reserved for what is not modelled: this version sends none.
#define UCWA_EVENT_RAW 255

/// An operation (an invitation) began.
#define UCWA_PHASE_STARTED 1

/// A resource (a conversation, a person in a roster) came.
#define UCWA_PHASE_ADDED 2

/// It changed.
#define UCWA_PHASE_UPDATED 3

/// An operation ended; exactly once.
#define UCWA_PHASE_COMPLETED 4

/// A resource is gone.
#define UCWA_PHASE_DELETED 5

/// A token is wanted: ucwa_session_supply_token().
#define UCWA_CREDENTIALS_BEARER 1

/// A user name and a password are wanted: ucwa_session_supply_password().
#define UCWA_CREDENTIALS_PASSWORD 2

/// Messaging.
#define UCWA_MODALITY_MESSAGING 1

/// Audio.
#define UCWA_MODALITY_AUDIO 2

/// Video.
#define UCWA_MODALITY_VIDEO 4

/// ApplicationSharing.
#define UCWA_MODALITY_APPSHARE 8

/// DataCollaboration.
#define UCWA_MODALITY_DATA 16

/// PanoramicVideo.
#define UCWA_MODALITY_PANORAMIC_VIDEO 32

/// PhoneAudio.
#define UCWA_MODALITY_PHONE_AUDIO 64

/// Also a word that this version does not know: see modalities_text.
#define UCWA_MODALITY_OTHER 2147483648

/// People can be invited now.
#define UCWA_CONV_CAN_ADD_PARTICIPANT 1

/// Somebody records.
#define UCWA_CONV_RECORDING 2

/// UCWA_AUDIENCE_ENABLE_MUTE_LOCK is allowed now.
#define UCWA_CONV_CAN_ENABLE_MUTE_LOCK 4

/// UCWA_AUDIENCE_DISABLE_MUTE_LOCK is.
#define UCWA_CONV_CAN_DISABLE_MUTE_LOCK 8

/// UCWA_AUDIENCE_ENABLE_MESSAGING is.
#define UCWA_CONV_CAN_ENABLE_MESSAGING 16

/// UCWA_AUDIENCE_DISABLE_MESSAGING is.
#define UCWA_CONV_CAN_DISABLE_MESSAGING 32

/// Unknown yet, or a word that this version does not know: see role_text.
#define UCWA_ROLE_UNKNOWN 0

/// An attendee.
#define UCWA_ROLE_ATTENDEE 1

/// A leader.
#define UCWA_ROLE_LEADER 2

/// The signed-in user.
#define UCWA_PART_LOCAL 1

/// The organizer of the meeting.
#define UCWA_PART_ORGANIZER 2

/// A guest without an account.
#define UCWA_PART_ANONYMOUS 4

/// Waits in the lobby.
#define UCWA_PART_IN_LOBBY 8

/// Is typing now.
#define UCWA_PART_TYPING 16

/// The audio is muted.
#define UCWA_PART_AUDIO_MUTED 32

/// Only the link is known so far; UPDATED follows.
#define UCWA_PART_PARTIAL 64

/// The video is muted.
#define UCWA_PART_VIDEO_MUTED 128

/// The panoramic video is muted.
#define UCWA_PART_PANORAMIC_VIDEO_MUTED 256

/// Let in from the lobby.
#define UCWA_CAN_ADMIT 1

/// Refuse in the lobby.
#define UCWA_CAN_REJECT 2

/// Remove from the meeting.
#define UCWA_CAN_EJECT 4

/// Make a leader.
#define UCWA_CAN_PROMOTE 8

/// Make an attendee.
#define UCWA_CAN_DEMOTE 16

/// Mute the audio.
#define UCWA_CAN_MUTE_AUDIO 32

/// Let the audio be heard again.
#define UCWA_CAN_UNMUTE_AUDIO 64

/// Mute the video.
#define UCWA_CAN_MUTE_VIDEO 128

/// Let the video be seen again.
#define UCWA_CAN_UNMUTE_VIDEO 256

/// ucwa_participant_event.changed: uri.
#define UCWA_CHANGED_URI 1

/// name.
#define UCWA_CHANGED_NAME 2

/// role.
#define UCWA_CHANGED_ROLE 4

/// source_network.
#define UCWA_CHANGED_SOURCE_NETWORK 8

/// UCWA_PART_ORGANIZER.
#define UCWA_CHANGED_ORGANIZER 16

/// UCWA_PART_ANONYMOUS.
#define UCWA_CHANGED_ANONYMOUS 32

/// UCWA_PART_LOCAL.
#define UCWA_CHANGED_LOCAL 64

/// UCWA_PART_IN_LOBBY.
#define UCWA_CHANGED_IN_LOBBY 128

/// UCWA_PART_TYPING.
#define UCWA_CHANGED_TYPING 256

/// UCWA_PART_PARTIAL.
#define UCWA_CHANGED_PARTIAL 512

/// modalities.
#define UCWA_CHANGED_MODALITIES 1024

/// work_phone or other_phone.
#define UCWA_CHANGED_PHONES 2048

/// can.
#define UCWA_CHANGED_CAN 4096

/// UCWA_PART_*_MUTED, a direction or a source id.
#define UCWA_CHANGED_MEDIA 8192

/// contact, contact_photo or contact_presence.
#define UCWA_CHANGED_CONTACT 16384

/// messagingInvitation.
#define UCWA_INVITE_MESSAGING 1

/// onlineMeetingInvitation.
#define UCWA_INVITE_ONLINE_MEETING 2

/// audioVideoInvitation.
#define UCWA_INVITE_AUDIO_VIDEO 3

/// phoneAudioInvitation.
#define UCWA_INVITE_PHONE_AUDIO 4

/// participantInvitation: made by addParticipant, never incoming.
#define UCWA_INVITE_PARTICIPANT 5

/// Under way.
#define UCWA_OUTCOME_NONE 0

/// Taken.
#define UCWA_OUTCOME_ACCEPTED 1

/// Refused by the one invited.
#define UCWA_OUTCOME_DECLINED 2

/// Busy, or not to be disturbed.
#define UCWA_OUTCOME_BUSY 3

/// Nobody answered in time.
#define UCWA_OUTCOME_NO_ANSWER 4

/// No such address, or it cannot be reached.
#define UCWA_OUTCOME_UNREACHABLE 5

/// Taken back by the one who invited.
#define UCWA_OUTCOME_CANCELLED 6

/// Any other failure: see ucwa_event.error.
#define UCWA_OUTCOME_FAILED 7

/// The session, the application or the conversation ended before the server said, or the request got no answer.
#define UCWA_OUTCOME_LOST 8

/// It can be accepted now: ucwa_invitation_accept().
#define UCWA_INVITATION_CAN_ACCEPT 1

/// It can be declined now: ucwa_invitation_decline().
#define UCWA_INVITATION_CAN_DECLINE 2

/// It can be taken back now: ucwa_invitation_cancel().
#define UCWA_INVITATION_CAN_CANCEL 4

/// It was accepted, and whoever took it is not in the roster yet: his PARTICIPANT event follows.
#define UCWA_INVITATION_ENTRY_MISSING 8

/// For ucwa_invitation_decline(): at this endpoint; it may ring on at others of the user.
#define UCWA_DECLINE_LOCAL 1

/// At all endpoints of the user.
#define UCWA_DECLINE_GLOBAL 2

/// Let in from the lobby.
#define UCWA_PARTICIPANT_ADMIT 1

/// Refuse in the lobby.
#define UCWA_PARTICIPANT_REJECT 2

/// Remove from the meeting.
#define UCWA_PARTICIPANT_EJECT 3

/// Make a leader.
#define UCWA_PARTICIPANT_PROMOTE 4

/// Make an attendee.
#define UCWA_PARTICIPANT_DEMOTE 5

/// Mute the audio.
#define UCWA_PARTICIPANT_MUTE_AUDIO 6

/// Let the audio be heard again.
#define UCWA_PARTICIPANT_UNMUTE_AUDIO 7

/// Mute the video.
#define UCWA_PARTICIPANT_MUTE_VIDEO 8

/// Let the video be seen again.
#define UCWA_PARTICIPANT_UNMUTE_VIDEO 9

/// Mute the attendees, who cannot unmute themselves then.
#define UCWA_AUDIENCE_ENABLE_MUTE_LOCK 1

/// Let the attendees unmute themselves; it does not unmute them.
#define UCWA_AUDIENCE_DISABLE_MUTE_LOCK 2

/// Let all members write.
#define UCWA_AUDIENCE_ENABLE_MESSAGING 3

/// Let only leaders write.
#define UCWA_AUDIENCE_DISABLE_MESSAGING 4

/// The values of ucwa_status. Names for code that compares; functions return ucwa_status.
enum ucwa_status_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// Done; for what goes on in the background: begun.
  UCWA_OK = 0,
  /// Nothing came in the time given; not an error.
  UCWA_NO_EVENT = 1,
  /// A pointer that must not be NULL is.
  UCWA_E_NULL_ARG = -1,
  /// A bad value, bad UTF-8, a bad struct_size.
  UCWA_E_INVALID_ARG = -2,
  /// The handle was freed, is of another kind, or never was one.
  UCWA_E_INVALID_HANDLE = -3,
  /// A defect of libucwa, caught; the session concerned becomes FAILED.
  UCWA_E_PANIC = -4,
  /// The call does not fit the state of the session.
  UCWA_E_WRONG_STATE = -5,
  /// The call would wait inside a callback of ours.
  UCWA_E_WOULD_DEADLOCK = -6,
  /// The handle was made before fork() and is used in the child.
  UCWA_E_FORKED = -7,
  /// The session or the reader has ended.
  UCWA_E_CLOSED = -8,
  /// The operation was cancelled.
  UCWA_E_CANCELLED = -9,
  /// The time allowed is over.
  UCWA_E_TIMEOUT = -10,
  /// Unknown or expired id, unknown configuration key, or nothing of the kind.
  UCWA_E_NOT_FOUND = -11,
  /// The server offers no link for this now; nothing was sent.
  UCWA_E_NOT_ALLOWED = -12,
  /// The server, the system or this build lacks it.
  UCWA_E_UNSUPPORTED = -13,
  /// Credentials are asked for and nobody has given them.
  UCWA_E_CREDENTIALS_NEEDED = -14,
  /// The system is out of threads, file descriptors or the like, or there are too many handles.
  UCWA_E_RESOURCES = -15,
  /// No connection, or it broke.
  UCWA_E_NETWORK = -100,
  /// The server's certificate or the version of TLS was not accepted.
  UCWA_E_TLS = -101,
  /// Autodiscovery found no server.
  UCWA_E_AUTODISCOVER = -102,
  /// The server did not accept the credentials, or the host refused to give them.
  UCWA_E_AUTH = -103,
  /// The answer could not be understood, or an origin was refused.
  UCWA_E_PROTOCOL = -104,
  /// The server answered with an error of its own: see ucwa_error.code and subcode.
  UCWA_E_SERVER = -105,
  /// Too many requests: see ucwa_error.retry_after_ms.
  UCWA_E_THROTTLED = -106,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ucwa_status_code ucwa_status_code;
#else
typedef int32_t ucwa_status_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// The configuration of a session: an opaque checked handle.
typedef struct ucwa_config ucwa_config;

/// A mask of event kinds, a bounded queue and, when asked for, a wait handle: an opaque checked handle.
typedef struct ucwa_reader ucwa_reader;

/// One signed-in endpoint of one user: an opaque checked handle.
typedef struct ucwa_session ucwa_session;

/// A registration of a callback: an opaque checked handle.
typedef struct ucwa_subscription ucwa_subscription;

/// What a function answers: UCWA_OK, UCWA_NO_EVENT, or a negative UCWA_E_*. A plain integer, so that a value from a
/// later version stays defined on both sides.
typedef int32_t ucwa_status;

/// What lives now, for leak tests. The caller sets struct_size.
typedef struct ucwa_counts {
  /// sizeof(ucwa_counts).
  uint32_t struct_size;
  /// Handles not freed yet.
  uint32_t configs;
  /// Handles not freed yet.
  uint32_t sessions;
  /// Handles not freed yet.
  uint32_t readers;
  /// Handles not freed yet.
  uint32_t subscriptions;
  /// Objects with a reference somewhere.
  uint32_t events;
  /// Objects with a reference somewhere.
  uint32_t rosters;
  /// Threads of the library: those of the engine and those of callbacks. A thread that has nothing left to do but end
  /// may not be counted any more; ucwa_shutdown() waits for its end.
  uint32_t threads;
} ucwa_counts;

/// Takes one record: UCWA_LOG_*, the part of the library ("ucwa::http"), and text. Called from any thread, also several
/// at once, sometimes under a lock of ours: it must return soon and must not call the library (which answers
/// UCWA_E_WOULD_DEADLOCK there). The strings are borrowed for the call.
typedef void (*ucwa_log_cb)(void *user_data, int32_t level, const char *target, const char *message);

/// Tells that user_data is not used any more: runs exactly once for each successful call that took it, on any thread,
/// after the last callback has returned. When the call failed it does not run: user_data stays the caller's. NULL:
/// nothing to tell.
typedef void (*ucwa_destroy_cb)(void *user_data);

/// An operation under way in a session; 0: none.
typedef uint64_t ucwa_op;

/// Why something failed.
typedef struct ucwa_error {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_E_*: decides how a program reacts.
  ucwa_status status;
  /// The status of the HTTP answer; 0 when none came.
  int32_t http_status;
  /// 1: the same call may succeed later.
  uint32_t retryable;
  /// 1: the request left and no answer of the server came, so it may have done its work.
  uint32_t may_have_worked;
  /// 0.
  uint32_t reserved;
  /// How long the server asks to wait; -1 when it does not say.
  int64_t retry_after_ms;
  /// The server's ErrorCode, "Gone", ...; "" when it gave none.
  const char *code;
  /// Refines the code, "ApplicationNotFound", ...
  const char *subcode;
  /// What was tried, what came, what to do; for people and logs. Holds no secret.
  const char *message;
  /// The server's own text for people, in the language of the application.
  const char *server_message;
  /// The server's mark of the request, for the reader of its log.
  const char *diagnostics;
} ucwa_error;

/// An operation ended, exactly once. Why it failed: ucwa_event.error.
typedef struct ucwa_op_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_OK, or why it failed.
  ucwa_status status;
  /// Which operation.
  ucwa_op op;
  /// The conversation or invitation that came of it; 0: none.
  uint64_t result_id;
} ucwa_op_event;

/// The session went to another state. Why, for RECOVERING and FAILED: ucwa_event.error.
typedef struct ucwa_state_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_STATE_*.
  int32_t old_state;
  /// UCWA_STATE_*.
  int32_t new_state;
  /// For RECOVERING: which try this is, from 1; else 0.
  uint32_t attempt;
  /// For RECOVERING: how long until the next try; else -1.
  int64_t retry_in_ms;
} ucwa_state_event;

/// The session needs credentials and waits for the answer that names request_id; it is not blocked otherwise.
typedef struct ucwa_credentials_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_CREDENTIALS_*: what is wanted.
  uint32_t kind;
  /// Names this question in the answer.
  uint64_t request_id;
  /// From 1; above it the answer before was refused.
  uint32_t attempt;
  /// 0.
  uint32_t reserved;
  /// The origin that the token is for, or that the password goes to.
  const char *resource;
  /// The authority or the trusted issuers, when the server named them.
  const char *authority;
  /// The client id of the server's challenge, when it named one.
  const char *client_id;
} ucwa_credentials_event;

/// A conversation: one joining of ours; 0: none.
typedef uint64_t ucwa_conversation_id;

/// Changes of a roster were dropped for this reader. Take a snapshot now, put it in the place of what you have, and go
/// on with the PARTICIPANT events whose revision is above the snapshot's.
typedef struct ucwa_overflow_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// 0.
  uint32_t reserved;
  /// Whose roster.
  ucwa_conversation_id conversation;
  /// The revision of the last change dropped; a snapshot holds at least that.
  uint64_t revision;
} ucwa_overflow_event;

/// An invitation; 0: none.
typedef uint64_t ucwa_invitation_id;

/// A person in a roster; 0: none.
typedef uint64_t ucwa_participant_id;

/// An invitation began, moved or ended. phase: STARTED, UPDATED or COMPLETED; each invitation is COMPLETED exactly
/// once. Why it failed, when the server said: ucwa_event.error.
typedef struct ucwa_invitation_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_PHASE_*.
  int32_t phase;
  /// The invitation.
  ucwa_invitation_id id;
  /// The conversation that it belongs to; 0 until known.
  ucwa_conversation_id conversation;
  /// UCWA_INVITE_*.
  int32_t kind;
  /// 1 when somebody invites us.
  uint32_t incoming;
  /// UCWA_OUTCOME_*: NONE while under way, then set once.
  int32_t outcome;
  /// UCWA_INVITATION_*.
  uint32_t flags;
  /// The protocol's word: "Connecting", "Connected", "Failed", ...; "" before the first event.
  const char *state;
  /// The server's status of the completed event: "Success", "Failure"; "" when it gave none.
  const char *status_text;
  /// Who invites.
  const char *from_uri;
  /// Display name of who invites.
  const char *from_name;
  /// Who is invited.
  const char *to_uri;
  /// The display name shown to the invited person.
  const char *on_behalf_of;
  /// Subject of the conversation.
  const char *subject;
  /// Text that comes along.
  const char *message_text;
  /// The meeting, for ONLINE_MEETING.
  const char *meeting_uri;
  /// "Normal", "Urgent", "Emergency"; "" when not said.
  const char *importance;
  /// Identifies the thread over conversations.
  const char *thread_id;
  /// Ties the request to its events: ours when outgoing, the server's when incoming.
  const char *operation_id;
  /// Who took it, accepted_by_count ids; NULL when nobody. May differ from to_uri.
  const ucwa_participant_id *accepted_by;
  /// How many.
  size_t accepted_by_count;
  /// The roster entry of who is invited; 0 until there is one.
  ucwa_participant_id participant;
  /// Content of the inviter's own that comes along, as text.
  const char *custom_content;
  /// Its media type: "text/plain", ...
  const char *custom_content_type;
  /// The protocol's words of what can be joined, with commas: "Messaging,Audio".
  const char *available_modalities_text;
  /// The phone that is called, for PHONE_AUDIO.
  const char *phone_number;
  /// Under which name a guest joins.
  const char *anonymous_display_name;
} ucwa_invitation_event;

/// A conversation came, changed or went. phase: ADDED, UPDATED or DELETED. Why it ended or changed, when the server
/// said: ucwa_event.error.
typedef struct ucwa_conversation_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_PHASE_*.
  int32_t phase;
  /// The conversation.
  ucwa_conversation_id id;
  /// The server's own count of people, independent of the roster; -1 while unknown.
  int64_t participant_count;
  /// UCWA_MODALITY_*: what is going on in it.
  uint32_t modalities;
  /// UCWA_CONV_*.
  uint32_t flags;
  /// The protocol's word: "Conferenced", "InLobby", ...; "" while unknown.
  const char *state;
  /// Subject.
  const char *subject;
  /// "Normal", "Urgent", "Emergency".
  const char *importance;
  /// Identifies the thread over conversations.
  const char *thread_id;
  /// The protocol's words with commas: "Messaging,Audio".
  const char *modalities_text;
  /// Whether the audience is muted: "Enabled", "Disabled".
  const char *audience_mute;
  /// Whether the audience may send messages: "Enabled", "Disabled".
  const char *audience_messaging;
  /// The conference URI: what another person needs to join. "" until the meeting is known, as all that follow.
  const char *meeting_uri;
  /// The https address for people.
  const char *join_url;
  /// The meeting's short id.
  const char *meeting_id;
  /// The meeting's own subject.
  const char *meeting_subject;
  /// Who skips the lobby.
  const char *access_level;
  /// Who owns the meeting.
  const char *organizer_uri;
  /// Display name of the owner.
  const char *organizer_name;
} ucwa_conversation_event;

/// One person in a room.
typedef struct ucwa_participant {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_PART_*.
  uint32_t flags;
  /// Stays the same while the person is in the room.
  ucwa_participant_id id;
  /// UCWA_ROLE_*.
  int32_t role;
  /// UCWA_MODALITY_*: what this person takes part in.
  uint32_t modalities;
  /// UCWA_CAN_*: what the server allows with this person now.
  uint32_t can;
  /// 0.
  uint32_t reserved;
  /// "sip:..." or "tel:..."; "" while unknown.
  const char *uri;
  /// Display name; the uri when the server gives none.
  const char *name;
  /// The protocol's word: "Attendee", "Leader", ...; "" while unknown.
  const char *role_text;
  /// "SameEnterprise", "Federated", "PublicCloud", "Everyone"; "" while unknown.
  const char *source_network;
  /// The protocol's words in the order of joining, with commas: "Messaging,Audio".
  const char *modalities_text;
  /// "tel:..." or "".
  const char *work_phone;
  /// "tel:..." or "".
  const char *other_phone;
  /// "SendReceive", "SendOnly", "ReceiveOnly", "Inactive"; "" while unknown, or without audio. So the next three.
  const char *audio_direction;
  /// Of the video.
  const char *video_direction;
  /// Of the panoramic video.
  const char *panoramic_video_direction;
  /// Of the application sharing.
  const char *application_sharing_direction;
  /// The server's name of the source; "" while unknown. So the next three.
  const char *audio_source_id;
  /// Of the video.
  const char *video_source_id;
  /// Of the panoramic video.
  const char *panoramic_video_source_id;
  /// Of the application sharing.
  const char *application_sharing_source_id;
  /// Address of the person's contact, or "".
  const char *contact;
  /// Address of the person's photo, or "".
  const char *contact_photo;
  /// Address of the person's presence, or "".
  const char *contact_presence;
} ucwa_participant;

/// One change of a roster. phase: ADDED, UPDATED or DELETED.
typedef struct ucwa_participant_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_PHASE_*.
  int32_t phase;
  /// Whose roster.
  ucwa_conversation_id conversation;
  /// The roster's revision after this change; skip it unless it is above that of your snapshot.
  uint64_t revision;
  /// UCWA_CHANGED_*, for UPDATED.
  uint32_t changed;
  /// 0.
  uint32_t reserved;
  /// The person after the change; for DELETED as it was.
  const struct ucwa_participant *participant;
} ucwa_participant_event;

/// What happened, by ucwa_event.type. All are pointers, so the size never changes.
typedef union ucwa_event_body {
  /// Of a type that this version does not know.
  const void *any;
  /// UCWA_EVENT_OP_DONE
  const struct ucwa_op_event *op;
  /// UCWA_EVENT_STATE
  const struct ucwa_state_event *state;
  /// UCWA_EVENT_CREDENTIALS_NEEDED
  const struct ucwa_credentials_event *credentials;
  /// UCWA_EVENT_OVERFLOW
  const struct ucwa_overflow_event *overflow;
  /// UCWA_EVENT_INVITATION
  const struct ucwa_invitation_event *invitation;
  /// UCWA_EVENT_CONVERSATION
  const struct ucwa_conversation_event *conversation;
  /// UCWA_EVENT_PARTICIPANT
  const struct ucwa_participant_event *participant;
} ucwa_event_body;

/// One event. Immutable and reference counted: it may be kept, and read from any thread, after the session is gone and
/// after ucwa_shutdown().
typedef struct ucwa_event {
  /// Grows with the version.
  uint32_t struct_size;
  /// UCWA_EVENT_*; skip those that you do not know.
  uint32_t type;
  /// Rises within a session; there may be gaps. 0 for those that a call made.
  uint64_t seq;
  /// When it was published: milliseconds since 1970, UTC.
  int64_t unix_ms;
  /// ucwa_session_set_tag(); NULL before that.
  void *session_tag;
  /// Why something failed or changed; NULL when there is nothing to say.
  const struct ucwa_error *error;
  /// What happened.
  union ucwa_event_body u;
} ucwa_event;

/// How the user can be reached: begin with UCWA_AVAILABILITY_OPTIONS_INIT.
typedef struct ucwa_availability_options {
  /// sizeof(ucwa_availability_options).
  uint32_t struct_size;
  /// UCWA_MODALITY_*: what others may invite him to; the server takes MESSAGING and PHONE_AUDIO. 0: not sent.
  uint32_t modalities;
  /// How others see him: "Online", "Busy", "DoNotDisturb", "BeRightBack", "Away", "Offwork"; NULL: not said.
  const char *sign_in_as;
  /// Which messages the program can show, with commas: "Plain,Html"; NULL: not said.
  const char *message_formats;
  /// Which device takes calls: "PhoneAudio", "VoipAudio"; NULL: not said.
  const char *audio_preference;
  /// Where he takes calls by phone; NULL: not said.
  const char *phone_number;
} ucwa_availability_options;

/// Runs on a thread of the library at each step of the queue from empty to not empty. It must only post to a loop
/// (PostMessage, g_idle_add, QMetaObject::invokeMethod), which then calls ucwa_reader_next(r, 0, ...) until
/// UCWA_NO_EVENT.
typedef void (*ucwa_wakeup_cb)(void *user_data);

/// Takes one event. ev is borrowed: ucwa_event_ref() keeps it. It may block and may call the library; what would wait
/// for the engine answers UCWA_E_WOULD_DEADLOCK there. It must return: no longjmp, no exception.
typedef void (*ucwa_event_cb)(void *user_data, const struct ucwa_event *ev);

/// Who is in a room: a consistent picture, the same cost to take for 10 and for 10,000 people. Immutable and reference
/// counted: it may be kept, and read from any thread, after the session is gone. Apply later PARTICIPANT events with a
/// revision above its own.
typedef struct ucwa_roster {
  /// Grows with the version.
  uint32_t struct_size;
  /// 0 while the server has not told everything yet.
  uint32_t complete;
  /// Grows by one with each change.
  uint64_t revision;
  /// Whose roster.
  ucwa_conversation_id conversation;
  /// How many people, the lobby and the user included.
  size_t count;
} ucwa_roster;

/// How a meeting is started or joined: begin with UCWA_JOIN_OPTIONS_INIT.
typedef struct ucwa_join_options {
  /// sizeof(ucwa_join_options).
  uint32_t struct_size;
  /// 0.
  uint32_t reserved;
  /// At most 250 characters; NULL: none.
  const char *subject;
  /// "Normal", "Urgent" or "Emergency"; NULL: not said.
  const char *importance;
} ucwa_join_options;

/// How somebody is called: begin with UCWA_CONVERSATION_OPTIONS_INIT.
typedef struct ucwa_conversation_options {
  /// sizeof(ucwa_conversation_options).
  uint32_t struct_size;
  /// 0.
  uint32_t reserved;
  /// At most 250 characters; NULL: none.
  const char *subject;
  /// "Normal", "Urgent" or "Emergency"; NULL: not said.
  const char *importance;
  /// The first message, plain text; NULL: none.
  const char *message;
} ucwa_conversation_options;

/// How somebody is invited: begin with UCWA_ADD_PARTICIPANT_OPTIONS_INIT.
typedef struct ucwa_add_participant_options {
  /// sizeof(ucwa_add_participant_options).
  uint32_t struct_size;
  /// UCWA_MODALITY_*: to send along; 0: not sent.
  uint32_t modalities;
  /// Ties the request to its events, at most 50 characters, never used before; NULL: made by the library.
  const char *operation_id;
  /// At most 250 characters; NULL: none.
  const char *subject;
  /// The name that the invited person is shown, at most 250 characters; NULL: none.
  const char *on_behalf_of;
} ucwa_add_participant_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The name of a status, "UCWA_E_AUTH"; "UCWA_E_UNKNOWN" for a value that this version does not know. Static, never
/// NULL.
UCWA_API const char *ucwa_status_name(ucwa_status status);

/// The version of the library, as UCWA_VERSION_NUMBER; compare with it.
UCWA_API uint32_t ucwa_version(void);

/// The number of the ABI; must equal UCWA_ABI_VERSION.
UCWA_API uint32_t ucwa_abi_version(void);

/// The version as text, "0.1.0". Static.
UCWA_API const char *ucwa_version_string(void);

/// Copies the calling thread's message for its last failed call into buf: which function, which argument, why, and what
/// to do about it. Returns the length of the whole message without its NUL. What does not fit into cap bytes is cut off
/// between two characters; what is copied always ends with a NUL, unless cap is 0 (then buf may be NULL). A successful
/// call leaves the message as it is.
UCWA_API size_t ucwa_last_error_message(char *buf, size_t cap);

/// Counts what lives now. Fails with UCWA_E_INVALID_ARG when struct_size is too small; a bigger one is fine, and what
/// this version does not know stays as it was.
UCWA_API ucwa_status ucwa_debug_counts(struct ucwa_counts *inout);

/// Frees every handle: signs out every session, ends readers and subscriptions (their destroy functions run), and joins
/// every thread of the library. Waits, at most timeout_ms (below 0: an hour). Handles made before are invalid
/// afterwards, so freeing them later does no harm; events and rosters live on. Later calls start the library again.
///
/// UCWA_E_TIMEOUT: not everything ended in time: sign-outs are given up, a callback that still runs goes on until it
/// returns. UCWA_E_WOULD_DEADLOCK: called inside a callback; nothing was done.
UCWA_API ucwa_status ucwa_shutdown(int32_t timeout_ms);

/// Gives the library's log records up to max_level (UCWA_LOG_*) to cb; NULL ends it. One callback serves the process, a
/// later one replaces it; this does not wait for a record that is being given: destroy tells that the old one is over.
/// There is no password and no token in any record, at any level. A child of fork() begins without one.
///
/// UCWA_E_INVALID_ARG: no such level. UCWA_E_UNSUPPORTED: a program in Rust that links the library has a collector of
/// its own, which gets the records.
UCWA_API ucwa_status ucwa_set_log_callback(int32_t max_level, ucwa_log_cb cb, void *user_data, ucwa_destroy_cb destroy);

/// Makes a configuration with the defaults. A user, a domain or a discovery URL has to be added. ucwa_session_new()
/// copies it, so one serves several sessions, and the caller always frees it.
UCWA_API UCWA_MUST_USE ucwa_status ucwa_config_new(struct ucwa_config **out);

/// Frees a configuration. Sessions made with it are not touched.
UCWA_API ucwa_status ucwa_config_free(struct ucwa_config *cfg);

/// Who signs in: a SIP address, "sip:lene@contoso.com" or "lene@contoso.com". Autodiscovery begins at its domain,
/// unless a domain or a discovery URL is set.
UCWA_API ucwa_status ucwa_config_set_user(struct ucwa_config *cfg, const char *sip_uri);

/// Where autodiscovery begins instead of at the user's own domain: "contoso.com". No user has to be set then. A
/// discovery URL goes before it. NULL: the user's own domain, which is the default.
UCWA_API ucwa_status ucwa_config_set_domain(struct ucwa_config *cfg, const char *domain);

/// Where to begin instead of autodiscovery: the root resource, or the discovery entry point itself. NULL:
/// autodiscovery, which is the default.
UCWA_API ucwa_status ucwa_config_set_discovery_url(struct ucwa_config *cfg, const char *url);

/// The short way to credentials. Without it the session asks by UCWA_EVENT_CREDENTIALS_NEEDED. The library's copy of
/// the password is wiped when it is not needed any more; the caller's is the caller's.
UCWA_API ucwa_status ucwa_config_set_password(struct ucwa_config *cfg, const char *username, const char *password);

/// As ucwa_config_set_password(), for a password that is not NUL-terminated: len bytes of UTF-8, or
/// UCWA_NUL_TERMINATED.
UCWA_API
ucwa_status ucwa_config_set_password_sized(struct ucwa_config *cfg,
                                           const char *username,
                                           const char *password,
                                           size_t len);

/// How the program names itself to the server: printable ASCII, at most 100 characters.
UCWA_API ucwa_status ucwa_config_set_user_agent(struct ucwa_config *cfg, const char *product);

/// Goes through this proxy. NULL: what the system says, which is the default. "": none at all.
UCWA_API ucwa_status ucwa_config_set_proxy(struct ucwa_config *cfg, const char *url);

/// Trusts these authorities besides those of the platform: PEM, one or several certificates, len bytes or
/// UCWA_NUL_TERMINATED. What is no certificate in it is told by ucwa_session_new().
UCWA_API ucwa_status ucwa_config_add_root_certs_pem(struct ucwa_config *cfg, const void *pem, size_t len);

/// Sets one of the long tail ("event.timeout_s", "retry.max_backoff_ms", "origins.trust", ...): docs/CONFIG.md lists
/// the keys and their values. UCWA_E_NOT_FOUND: no such key.
UCWA_API ucwa_status ucwa_config_set(struct ucwa_config *cfg, const char *key, const char *value);

/// The name of a state, "Online", as in the JSON of events; "unknown" for a value that this version does not know.
/// Static, never NULL.
UCWA_API const char *ucwa_state_name(int32_t state);

/// Makes a session. Nothing is sent yet; the engine's threads start with the first session. Attach readers and
/// subscribe between this and ucwa_session_open(), then nothing is missed.
///
/// UCWA_E_INVALID_ARG: the configuration does not make sense, the message says why. UCWA_E_RESOURCES: the system gives
/// no threads, or there are too many handles.
UCWA_API UCWA_MUST_USE ucwa_status ucwa_session_new(const struct ucwa_config *cfg, struct ucwa_session **out);

/// Begins to sign in and returns at once: STATE events tell how it goes, OP_DONE when the session is ONLINE or why it
/// is not. out_op may be NULL. A session is opened once: UCWA_E_WRONG_STATE after that.
UCWA_API ucwa_status ucwa_session_open(struct ucwa_session *s, ucwa_op *out_op);

/// Begins to sign out and returns at once: what is under way ends, readers still drain, the last event is
/// STATE(CLOSED). Bounded by the key close.timeout_s. out_op may be NULL. Closing twice gives the same operation.
UCWA_API ucwa_status ucwa_session_close(struct ucwa_session *s, ucwa_op *out_op);

/// Frees a session. Legal at any time and from any thread, also inside a callback. Without a close before it the
/// sign-out is done in the background, bounded by close.timeout_s. Threads in ucwa_session_wait() for it return
/// UCWA_E_CLOSED. When it returns, no event of it is delivered any more: it waits for running callbacks of its
/// subscriptions, but not for the one that it is called from. So never hold a lock that a callback takes. Readers and
/// subscriptions keep their handles.
UCWA_API ucwa_status ucwa_session_free(struct ucwa_session *s);

/// The state now: UCWA_STATE_*.
UCWA_API ucwa_status ucwa_session_state(const struct ucwa_session *s, int32_t *out_state);

/// Why a session failed: a STATE event of now whose error says it, for the caller to unref. UCWA_E_NOT_FOUND: it has
/// not failed.
UCWA_API ucwa_status ucwa_session_failure(const struct ucwa_session *s, const struct ucwa_event **out);

/// Marks the session: its events carry the tag from now on (ucwa_event.session_tag). The library never looks at it.
UCWA_API ucwa_status ucwa_session_set_tag(struct ucwa_session *s, void *tag);

/// Waits until an operation has ended, for programs without a loop; events keep queueing meanwhile. timeout_ms: 0
/// looks, below 0 waits as long as it takes. UCWA_OK: it has ended; *out_result is how (its message is left for
/// ucwa_last_error_message()), *out_result_id the conversation or invitation that came of it, or 0. Both may be NULL.
///
/// UCWA_E_TIMEOUT: still under way. UCWA_E_CREDENTIALS_NEEDED: at once, while an event asks for credentials that nobody
/// has given: answer, then wait again. UCWA_E_NOT_FOUND: no such operation, or ended long ago (the last 1000 are
/// known). UCWA_E_CLOSED: the session was freed. UCWA_E_WOULD_DEADLOCK: under way, and called inside a callback.
UCWA_API
ucwa_status ucwa_session_wait(struct ucwa_session *s,
                              ucwa_op op,
                              int32_t timeout_ms,
                              ucwa_status *out_result,
                              uint64_t *out_result_id);

/// Ends an operation at once: its OP_DONE has UCWA_E_CANCELLED. What it began is taken back as far as the server lets:
/// a request that has not left is not sent; a meeting that was being started or joined is left as soon as there is a
/// conversation; an invitation by ucwa_conversation_add_participant() is cancelled as soon as the server offers it, and
/// its own event tells how it ended. Cancelling ucwa_session_open() closes the session.
///
/// UCWA_OK also when the operation has ended before: it stays as it ended, and its OP_DONE says how.
/// UCWA_E_NOT_FOUND: there was never such an operation. UCWA_E_WRONG_STATE: it closes the session, which cannot be
/// cancelled.
UCWA_API ucwa_status ucwa_op_cancel(struct ucwa_session *s, ucwa_op op);

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED of kind UCWA_CREDENTIALS_PASSWORD. password: len bytes of UTF-8, or
/// UCWA_NUL_TERMINATED. UCWA_E_NOT_FOUND: that question is not open any more.
UCWA_API
ucwa_status ucwa_session_supply_password(struct ucwa_session *s,
                                         uint64_t request_id,
                                         const char *user,
                                         const char *password,
                                         size_t len);

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED with a token for its resource: len bytes, or UCWA_NUL_TERMINATED.
/// expires_unix_s: when it ends, seconds since 1970, or 0 when that is not known. UCWA_E_INVALID_ARG: it has ended
/// already. UCWA_E_NOT_FOUND: that question is not open any more.
UCWA_API
ucwa_status ucwa_session_supply_token(struct ucwa_session *s,
                                      uint64_t request_id,
                                      const char *token,
                                      size_t len,
                                      int64_t expires_unix_s);

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED with no: what needed them fails with UCWA_E_AUTH and this reason, which may
/// be NULL. UCWA_E_NOT_FOUND: that question is not open any more.
UCWA_API ucwa_status ucwa_session_refuse_credentials(struct ucwa_session *s, uint64_t request_id, const char *reason);

/// Makes the user available, so that others can invite him (makeMeAvailable): joining meetings and inviting does not
/// need it. From then on his activity is reported as often as the key activity.every_s says. opt may be NULL. OP_DONE
/// tells that the server took it, also for who is available already. The keys available.* do the same while signing in.
/// UCWA_E_NOT_ALLOWED: the server does not offer it, as for guests.
UCWA_API
ucwa_status ucwa_session_make_available(struct ucwa_session *s,
                                        const struct ucwa_availability_options *opt,
                                        ucwa_op *out_op);

/// Makes a reader, attached to nothing. mask: UCWA_MASK(UCWA_EVENT_...) | ..., or UCWA_MASK_ALL. capacity: number of
/// events, 0 means 4096. Readers never take events from each other; one reader may serve several sessions. What happens
/// when one is not read in time: docs/EVENTS.md; invitations, results, states and credential requests are never
/// dropped.
UCWA_API UCWA_MUST_USE ucwa_status ucwa_reader_new(uint64_t mask, uint32_t capacity, struct ucwa_reader **out);

/// Frees a reader, attached or not. Threads in ucwa_reader_next() return UCWA_E_CLOSED, its wait handles stay signalled
/// for good. Does not wait: a wake-up that runs now runs to its end, then its destroy function tells that it is over.
UCWA_API ucwa_status ucwa_reader_free(struct ucwa_reader *r);

/// Takes events of this session from now on, best before it is opened: earlier events are not replayed. Twice is once.
UCWA_API ucwa_status ucwa_reader_attach(struct ucwa_reader *r, struct ucwa_session *s);

/// Takes nothing of this session any more; what of it is queued is dropped.
UCWA_API ucwa_status ucwa_reader_detach(struct ucwa_reader *r, struct ucwa_session *s);

/// Takes the next event; the caller owns *out and calls ucwa_event_unref(). timeout_ms: 0 looks, below 0 waits as long
/// as it takes. Several threads may wait on one reader, each event goes to one of them.
///
/// UCWA_NO_EVENT: nothing came in time. UCWA_E_CLOSED: nothing will come, since every session that it was attached to
/// is over and the queue is drained, or the reader was freed. UCWA_E_WOULD_DEADLOCK: nothing is queued, timeout_ms is
/// not 0, and it was called inside a callback.
UCWA_API ucwa_status ucwa_reader_next(struct ucwa_reader *r, int32_t timeout_ms, const struct ucwa_event **out);

/// Gives a handle to wait on. It is signalled while something is queued (level), and for good once the reader is freed
/// or its last session is over. POSIX: a file descriptor for poll, epoll, kqueue, g_unix_fd_add, QSocketNotifier,
/// asyncio. Windows: a manual-reset event for MsgWaitForMultipleObjects. Do not read, write or reset it. Each call
/// gives a duplicate that the caller closes (close, CloseHandle), before or after the reader is freed.
///
/// UCWA_E_UNSUPPORTED: this system has none yet, use a wake-up. UCWA_E_RESOURCES: the process is out of descriptors.
UCWA_API ucwa_status ucwa_reader_wait_handle(struct ucwa_reader *r, int64_t *out_handle);

/// For loops that take posts: cb runs at each step from empty to not empty, at once if something is queued, and when
/// the last session is over. cb NULL removes it. An earlier one is replaced; this does not wait for it: destroy tells
/// that it is over.
UCWA_API
ucwa_status ucwa_reader_set_wakeup(struct ucwa_reader *r,
                                   ucwa_wakeup_cb cb,
                                   void *user_data,
                                   ucwa_destroy_cb destroy);

/// Events of the kinds in mask by callback, from now on: in order, one at a time, on a thread of this subscription.
/// Several parts of a program may subscribe, each to what it wants: UCWA_MASK(UCWA_EVENT_INVITATION) |
/// UCWA_MASK(UCWA_EVENT_PARTICIPANT). The handle is freed by the caller, also after the session is over.
///
/// Only within one subscription is the order promised. Two of one session have two threads: one may be told of the end
/// of a conversation before the other is told of the people who were in it. What has to come in order together is one
/// subscription; otherwise ucwa_event.seq tells which was first.
///
/// UCWA_E_NULL_ARG: cb is NULL. UCWA_E_RESOURCES: the system gives no thread.
UCWA_API
UCWA_MUST_USE
ucwa_status ucwa_session_subscribe(struct ucwa_session *s,
                                   uint64_t mask,
                                   ucwa_event_cb cb,
                                   void *user_data,
                                   ucwa_destroy_cb destroy,
                                   struct ucwa_subscription **out);

/// Ends a subscription. No callback starts any more; waits for a running one and for the destroy function. So never
/// hold a lock that the callback takes. Inside its own callback it does not wait: destroy runs when that has returned.
/// Inside another's it waits, except where the two would wait for each other.
UCWA_API ucwa_status ucwa_subscription_free(struct ucwa_subscription *sub);

/// As ucwa_subscription_free(), but never waits: a callback that is running, or about to, still comes to its end; then
/// destroy tells that it is over. For a window thread that the callback sends messages to.
UCWA_API ucwa_status ucwa_subscription_free_async(struct ucwa_subscription *sub);

/// The name of a phase, "completed", as in the JSON of events; "unknown" for a value that this version does not know.
/// Static, never NULL.
UCWA_API const char *ucwa_phase_name(int32_t phase);

/// Keeps an event beyond the call or the callback that gave it: each ref needs an unref. Returns ev; NULL for NULL.
UCWA_API const struct ucwa_event *ucwa_event_ref(const struct ucwa_event *ev);

/// Lets go of an event; with the last reference it is gone, and with it all that its pointers lead to. NULL: nothing.
UCWA_API void ucwa_event_unref(const struct ucwa_event *ev);

/// The same event as one line of JSON (docs/EVENTS.md), made on first use; borrowed from the event. For logs, scripts
/// and fields that the structs lack. out_len, which may be NULL, gets its length without the NUL. "" for NULL.
UCWA_API const char *ucwa_event_json(const struct ucwa_event *ev, size_t *out_len);

/// The conversations that the host was told of, oldest first, from memory. Writes at most cap ids to out_ids (which may
/// be NULL when cap is 0) and the number of all to out_count.
UCWA_API
ucwa_status ucwa_conversation_list(const struct ucwa_session *s,
                                   ucwa_conversation_id *out_ids,
                                   size_t cap,
                                   size_t *out_count);

/// A conversation as it is now, from memory: a CONVERSATION event of now with phase UPDATED and seq 0, for the caller
/// to unref. UCWA_E_NOT_FOUND: there is none with this id (any more).
UCWA_API
ucwa_status ucwa_conversation_get(const struct ucwa_session *s,
                                  ucwa_conversation_id c,
                                  const struct ucwa_event **out);

/// Takes a snapshot of a roster, for the caller to unref. UCWA_E_NOT_FOUND: there is no conversation with this id (any
/// more).
UCWA_API
UCWA_MUST_USE
ucwa_status ucwa_roster_snapshot(const struct ucwa_session *s,
                                 ucwa_conversation_id c,
                                 const struct ucwa_roster **out);

/// The person at place i, from 0, in the order of joining; borrowed from the roster. NULL: out of range, or r is NULL.
UCWA_API const struct ucwa_participant *ucwa_roster_at(const struct ucwa_roster *r, size_t i);

/// The person with this id; borrowed from the roster. NULL: not there, or r is NULL.
UCWA_API const struct ucwa_participant *ucwa_roster_find(const struct ucwa_roster *r, ucwa_participant_id id);

/// Keeps a roster: each ref needs an unref. Returns r; NULL for NULL.
UCWA_API const struct ucwa_roster *ucwa_roster_ref(const struct ucwa_roster *r);

/// Lets go of a roster; with the last reference it is gone, and with it its people. NULL: nothing.
UCWA_API void ucwa_roster_unref(const struct ucwa_roster *r);

/// The name of an outcome, "no_answer", as in the JSON of events; "none" while under way, "unknown" for a value that
/// this version does not know. Static, never NULL.
UCWA_API const char *ucwa_outcome_name(int32_t outcome);

/// An invitation as it is now, from memory: an INVITATION event of now with seq 0 (phase UPDATED, or COMPLETED once it
/// has ended), for the caller to unref. UCWA_E_NOT_FOUND: unknown, or ended long ago (the last 1000 are known).
UCWA_API
ucwa_status ucwa_invitation_get(const struct ucwa_session *s,
                                ucwa_invitation_id id,
                                const struct ucwa_event **out);

/// Takes back an invitation of ours. OP_DONE tells that the server took the request; the invitation itself then ends
/// as cancelled, or as whatever came first. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: it is over, or not ours.
UCWA_API ucwa_status ucwa_invitation_cancel(struct ucwa_session *s, ucwa_invitation_id id, ucwa_op *out_op);

/// Accepts an incoming invitation. OP_DONE comes when the user is in the conversation; its result_id is the
/// conversation, or it says why it came to nothing. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: the server does not
/// offer it, as for calls by audio, video and phone (a device that can takes those), and for what is over.
UCWA_API ucwa_status ucwa_invitation_accept(struct ucwa_session *s, ucwa_invitation_id id, ucwa_op *out_op);

/// Declines an incoming invitation. reason: UCWA_DECLINE_*. OP_DONE tells that the server took it; the invitation then
/// ends as declined, or as whatever came first. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: the server does not
/// offer it, as for what is over or not incoming.
UCWA_API
ucwa_status ucwa_invitation_decline(struct ucwa_session *s,
                                    ucwa_invitation_id id,
                                    int32_t reason,
                                    ucwa_op *out_op);

/// Starts an online meeting of one's own (startOnlineMeeting). OP_DONE comes when the user is in it; its result_id is
/// the conversation. opt may be NULL.
UCWA_API ucwa_status ucwa_meeting_start(struct ucwa_session *s, const struct ucwa_join_options *opt, ucwa_op *out_op);

/// Joins an online meeting by its conference URI (joinOnlineMeeting). OP_DONE comes when the user is in it, and waiting
/// in the lobby counts as not yet; its result_id is the conversation. opt may be NULL.
UCWA_API
ucwa_status ucwa_meeting_join(struct ucwa_session *s,
                              const char *meeting_uri,
                              const struct ucwa_join_options *opt,
                              ucwa_op *out_op);

/// Calls somebody by instant messaging (startMessaging): a conversation of two. OP_DONE comes when it was accepted, and
/// its result_id is the conversation, or it says why it came to nothing. Adding a participant makes it a meeting. opt
/// may be NULL.
UCWA_API
ucwa_status ucwa_conversation_start(struct ucwa_session *s,
                                    const char *to_uri,
                                    const struct ucwa_conversation_options *opt,
                                    ucwa_op *out_op);

/// Invites somebody into a conversation (addParticipant). The invitation's id is there at once, its events follow;
/// OP_DONE tells that the server took the request, the invitation's COMPLETED how it ended. opt, out_invitation and
/// out_op may be NULL.
///
/// UCWA_E_NOT_FOUND: no such conversation. UCWA_E_NOT_ALLOWED: the server does not let people be invited there now.
UCWA_API
ucwa_status ucwa_conversation_add_participant(struct ucwa_session *s,
                                              ucwa_conversation_id c,
                                              const char *to_uri,
                                              const struct ucwa_add_participant_options *opt,
                                              ucwa_invitation_id *out_invitation,
                                              ucwa_op *out_op);

/// Leaves a conversation. The meeting goes on without the user. OP_DONE tells that the server took it.
/// UCWA_E_NOT_FOUND: no such conversation.
UCWA_API ucwa_status ucwa_conversation_leave(struct ucwa_session *s, ucwa_conversation_id c, ucwa_op *out_op);

/// Does something with a participant: UCWA_PARTICIPANT_*. OP_DONE tells that the server took it, PARTICIPANT events
/// what came of it. UCWA_E_NOT_ALLOWED: the server does not offer it with this person now (see ucwa_participant.can).
/// UCWA_E_NOT_FOUND: no such conversation, or nobody in it with this id (any more).
UCWA_API
ucwa_status ucwa_participant_do(struct ucwa_session *s,
                                ucwa_conversation_id c,
                                ucwa_participant_id p,
                                int32_t action,
                                ucwa_op *out_op);

/// Does something with all attendees at once: UCWA_AUDIENCE_*. OP_DONE tells that the server took it, a CONVERSATION
/// event what came of it. UCWA_E_NOT_ALLOWED: the server does not offer it now (see ucwa_conversation_event.flags).
/// UCWA_E_NOT_FOUND: no such conversation.
UCWA_API ucwa_status ucwa_audience_do(struct ucwa_session *s, ucwa_conversation_id c, int32_t action, ucwa_op *out_op);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* UCWA_H */
