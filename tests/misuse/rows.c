/* One row for each function: a call as it is meant, whose arguments can be replaced one by one. */

#include "matrix.h"

#include <string.h>
#include <unistd.h>

/* ---- arguments ---- */

static struct argument *record(struct given *g, const char *name, enum type type) {
  struct argument *a = &g->argument[g->arguments < ARGUMENTS ? g->arguments++ : ARGUMENTS - 1];
  memset(a, 0, sizeof *a);
  a->name = a->also = name;
  a->type = type;
  a->takes = "";
  return a;
}

static int is_wrong(const struct given *g, const char *name) {
  return g->wrong != NULL && strcmp(g->wrong, name) == 0;
}

static void *pointer(struct given *g, const char *name, enum type type, const void *good) {
  record(g, name, type);
  return (void *)(uintptr_t)(is_wrong(g, name) ? g->pointer : good);
}

static void *handle(struct given *g, const char *name, enum kind kind) {
  record(g, name, HANDLE)->kind = kind;
  return is_wrong(g, name) ? (void *)(uintptr_t)g->pointer : g->handle[kind];
}

static const char *text(struct given *g, const char *name, enum type type, const char *good, const char *takes,
                        const char *also) {
  struct argument *a = record(g, name, type);
  a->takes = takes;
  a->also = also;
  return is_wrong(g, name) ? g->pointer : good;
}

static int64_t number(struct given *g, const char *name, int64_t good, int bits, enum rule rule) {
  struct argument *a = record(g, name, NUMBER);
  a->rule = rule;
  a->good = good;
  a->bits = bits;
  return is_wrong(g, name) ? g->number : good;
}

#define CFG ((ucwa_config *)handle(g, "cfg", CONFIG))
#define S ((ucwa_session *)handle(g, "s", SESSION))
#define R ((ucwa_reader *)handle(g, "r", READER))
#define SUB ((ucwa_subscription *)handle(g, "sub", SUBSCRIPTION))
#define OUT_TO(name, place) pointer(g, name, OUT, place)
#define MAYBE_TO(name, place) pointer(g, name, OUT_OR_NULL, place)
#define OP_TO(place) MAYBE_TO("out_op", place)
#define ROW(name) static int32_t call_##name(struct given *g)

static int32_t gave_text(const char *text) {
  return text == NULL ? GAVE_NULL : *text == 0 ? GAVE_EMPTY : GAVE_VALUE;
}

/* ---- the library ---- */

ROW(status_name) { return gave_text(ucwa_status_name((ucwa_status)number(g, "status", -1, 32, ANY))); }

ROW(state_name) { return gave_text(ucwa_state_name((int32_t)number(g, "state", 1, 32, ANY))); }

ROW(phase_name) { return gave_text(ucwa_phase_name((int32_t)number(g, "phase", 1, 32, ANY))); }

ROW(outcome_name) { return gave_text(ucwa_outcome_name((int32_t)number(g, "outcome", 1, 32, ANY))); }

ROW(version) {
  (void)g;
  return ucwa_version() == UCWA_VERSION_NUMBER ? GAVE_VALUE : GAVE_NULL;
}

ROW(abi_version) {
  (void)g;
  return ucwa_abi_version() == UCWA_ABI_VERSION ? GAVE_VALUE : GAVE_NULL;
}

ROW(version_string) {
  (void)g;
  return gave_text(ucwa_version_string());
}

ROW(last_error_message) {
  char room[8] = "guard..";
  size_t len, cap = (size_t)number(g, "cap", 4, 64, ANY);
  char *to = MAYBE_TO("buf", room);
  if (cap > 4) cap = 4;
  len = ucwa_last_error_message(to, cap);
  if (strcmp(room + 4, "d..") != 0) wrong("ucwa_last_error_message wrote beyond cap");
  (void)len;
  return GAVE_VALUE;
}

ROW(debug_counts) {
  ucwa_counts counts = UCWA_COUNTS_INIT;
  counts.struct_size = (uint32_t)number(g, "inout->struct_size", (int64_t)sizeof counts, 32, SIZE);
  return ucwa_debug_counts(OUT_TO("inout", &counts));
}

ROW(shutdown) { return ucwa_shutdown((int32_t)number(g, "timeout_ms", 20000, 32, ANY)); }

static void on_log(void *data, int32_t level, const char *target, const char *text) {
  (void)data, (void)level, (void)target, (void)text;
}

ROW(set_log_callback) {
  int level = (int)number(g, "max_level", UCWA_LOG_TRACE, 32, ONE_TO_5);
  int32_t status;
  record(g, "cb", OUT_OR_NULL);
  status = ucwa_set_log_callback(level, is_wrong(g, "cb") ? NULL : on_log, NULL, told_destroy);
  count_given(status);
  return status;
}

/* ---- configurations ---- */

ROW(config_new) {
  ucwa_config *made = NULL;
  int32_t status = ucwa_config_new(OUT_TO("out", &made));
  if (made != NULL) made_handle(made), ucwa_config_free(made);
  return status;
}

ROW(config_free) { return ucwa_config_free(CFG); }

ROW(config_set_user) {
  ucwa_config *cfg = CFG;
  return ucwa_config_set_user(cfg, text(g, "sip_uri", TEXT, "sip:lene@contoso.com", "", "user"));
}

ROW(config_set_domain) {
  ucwa_config *cfg = CFG;
  return ucwa_config_set_domain(cfg, text(g, "domain", TEXT_OR_NULL, "contoso.com", "", "domain"));
}

ROW(config_set_discovery_url) {
  ucwa_config *cfg = CFG;
  return ucwa_config_set_discovery_url(cfg, text(g, "url", TEXT_OR_NULL, root_url, "", "URL"));
}

ROW(config_set_password) {
  ucwa_config *cfg = CFG;
  const char *user = text(g, "username", TEXT, "lene@contoso.com", "lcq", "username");
  return ucwa_config_set_password(cfg, user, text(g, "password", TEXT, "Pa55w.rd!", "elcq", "password"));
}

ROW(config_set_password_sized) {
  ucwa_config *cfg = CFG;
  const char *user = text(g, "username", TEXT, "lene@contoso.com", "lcq", "username");
  const char *password = text(g, "password", TEXT, "Pa55w.rd!", "elcq", "password");
  return ucwa_config_set_password_sized(cfg, user, password, UCWA_NUL_TERMINATED);
}

ROW(config_set_user_agent) {
  ucwa_config *cfg = CFG;
  return ucwa_config_set_user_agent(cfg, text(g, "product", TEXT, "misuse/1", "q", "user agent"));
}

ROW(config_set_proxy) {
  ucwa_config *cfg = CFG;
  return ucwa_config_set_proxy(cfg, text(g, "url", TEXT_OR_NULL, "", "e", "proxy"));
}

ROW(config_add_root_certs_pem) {
  static const char pem[] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
  ucwa_config *cfg = CFG;
  const char *bytes = text(g, "pem", BYTES, pem, "", "PEM");
  return ucwa_config_add_root_certs_pem(cfg, bytes, UCWA_NUL_TERMINATED);
}

ROW(config_set) {
  ucwa_config *cfg = CFG;
  const char *key = text(g, "key", TEXT, "retry.times", "", "configure");
  return ucwa_config_set(cfg, key, text(g, "value", TEXT, "1", "", "retry.times"));
}

/* ---- sessions ---- */

ROW(session_new) {
  ucwa_session *made = NULL;
  const ucwa_config *cfg = CFG;
  int32_t status = ucwa_session_new(cfg, OUT_TO("out", &made));
  if (made != NULL) made_handle(made), ucwa_session_free(made);
  return status;
}

ROW(session_open) {
  ucwa_op op;
  ucwa_session *s = S;
  return ucwa_session_open(s, OP_TO(&op));
}

ROW(session_close) {
  ucwa_op op;
  ucwa_session *s = S;
  return ucwa_session_close(s, OP_TO(&op));
}

ROW(session_free) { return ucwa_session_free(S); }

ROW(session_state) {
  int32_t state;
  const ucwa_session *s = S;
  return ucwa_session_state(s, OUT_TO("out_state", &state));
}

ROW(session_failure) {
  const ucwa_event *event = NULL;
  const ucwa_session *s = S;
  int32_t status = ucwa_session_failure(s, OUT_TO("out", &event));
  ucwa_event_unref(event);
  return status;
}

ROW(session_set_tag) {
  ucwa_session *s = S;
  return ucwa_session_set_tag(s, MAYBE_TO("tag", g));
}

ROW(session_wait) {
  ucwa_status result;
  uint64_t id;
  ucwa_session *s = S;
  ucwa_op op = (ucwa_op)number(g, "op", (int64_t)g->op, 64, ID);
  int32_t timeout = (int32_t)number(g, "timeout_ms", g->waits ? 20000 : 0, 32, ANY);
  ucwa_status *out = MAYBE_TO("out_result", &result);
  return ucwa_session_wait(s, op, timeout, out, MAYBE_TO("out_result_id", &id));
}

ROW(op_cancel) {
  ucwa_session *s = S;
  return ucwa_op_cancel(s, (ucwa_op)number(g, "op", (int64_t)g->op, 64, ID));
}

ROW(session_supply_password) {
  ucwa_session *s = S;
  uint64_t request = (uint64_t)number(g, "request_id", 77777, 64, ANY);
  const char *user = text(g, "user", TEXT, "lene", "elcq", "user");
  const char *password = text(g, "password", TEXT, "secret", "elcq", "password");
  return ucwa_session_supply_password(s, request, user, password, UCWA_NUL_TERMINATED);
}

ROW(session_supply_token) {
  ucwa_session *s = S;
  uint64_t request = (uint64_t)number(g, "request_id", 77777, 64, ANY);
  const char *token = text(g, "token", TEXT, "secret", "elcq", "token");
  int64_t expires = number(g, "expires_unix_s", 0, 64, EXPIRY);
  return ucwa_session_supply_token(s, request, token, UCWA_NUL_TERMINATED, expires);
}

ROW(session_refuse_credentials) {
  ucwa_session *s = S;
  uint64_t request = (uint64_t)number(g, "request_id", 77777, 64, ANY);
  return ucwa_session_refuse_credentials(s, request, text(g, "reason", TEXT_OR_NULL, "no", "elcq", "reason"));
}

/* ---- readers ---- */

ROW(reader_new) {
  ucwa_reader *made = NULL;
  uint64_t mask = (uint64_t)number(g, "mask", -1, 64, ANY);
  uint32_t capacity = (uint32_t)number(g, "capacity", 0, 32, ANY);
  int32_t status = ucwa_reader_new(mask, capacity, OUT_TO("out", &made));
  if (made != NULL) made_handle(made), ucwa_reader_free(made);
  return status;
}

ROW(reader_free) { return ucwa_reader_free(R); }

ROW(reader_attach) {
  ucwa_reader *r = R;
  return ucwa_reader_attach(r, S);
}

ROW(reader_detach) {
  ucwa_reader *r = R;
  return ucwa_reader_detach(r, S);
}

ROW(reader_next) {
  const ucwa_event *event = NULL;
  ucwa_reader *r = R;
  int32_t timeout = (int32_t)number(g, "timeout_ms", g->waits ? -1 : 0, 32, ANY);
  int32_t status = ucwa_reader_next(r, timeout, OUT_TO("out", &event));
  ucwa_event_unref(event);
  return status;
}

ROW(reader_wait_handle) {
  int64_t fd = -1;
  ucwa_reader *r = R;
  int32_t status = ucwa_reader_wait_handle(r, OUT_TO("out_handle", &fd));
  if (fd >= 0) close((int)fd);
  return status;
}

static void on_wakeup(void *data) { (void)data; }

ROW(reader_set_wakeup) {
  ucwa_reader *r = R;
  int32_t status;
  record(g, "cb", OUT_OR_NULL);
  status = ucwa_reader_set_wakeup(r, is_wrong(g, "cb") ? NULL : on_wakeup, NULL, told_destroy);
  count_given(status);
  return status;
}

/* ---- subscriptions ---- */

static void on_event(void *data, const ucwa_event *event) { (void)data, (void)event; }

ROW(session_subscribe) {
  ucwa_subscription *made = NULL;
  ucwa_session *s = S;
  uint64_t mask = (uint64_t)number(g, "mask", -1, 64, ANY);
  ucwa_event_cb cb = is_wrong(g, "cb") ? NULL : on_event;
  int32_t status;
  record(g, "cb", CALLBACK);
  status = ucwa_session_subscribe(s, mask, cb, NULL, told_destroy, OUT_TO("out", &made));
  count_given(status);
  if (made != NULL) made_handle(made), ucwa_subscription_free(made);
  return status;
}

ROW(subscription_free) { return ucwa_subscription_free(SUB); }
ROW(subscription_free_async) { return ucwa_subscription_free_async(SUB); }

/* ---- events and rosters ---- */

ROW(event_ref) {
  const ucwa_event *event = ucwa_event_ref(pointer(g, "ev", OBJECT, g->event));
  ucwa_event_unref(event);
  return event == NULL ? GAVE_NULL : GAVE_VALUE;
}

ROW(event_unref) {
  /* Gives back one that it took itself. */
  const ucwa_event *event = pointer(g, "ev", OBJECT, g->event);
  ucwa_event_unref(ucwa_event_ref(event));
  ucwa_event_unref(NULL);
  return GAVE_NOTHING;
}

ROW(event_json) {
  size_t len = 7;
  const ucwa_event *event = pointer(g, "ev", OBJECT, g->event);
  const char *json = ucwa_event_json(event, MAYBE_TO("out_len", &len));
  if (!is_wrong(g, "out_len") && json != NULL && strlen(json) != len) wrong("ucwa_event_json: out_len is %zu", len);
  return gave_text(json);
}

ROW(roster_at) {
  const ucwa_roster *roster = pointer(g, "r", OBJECT, g->roster);
  return ucwa_roster_at(roster, 0) == NULL ? GAVE_NULL : GAVE_VALUE;
}

ROW(roster_find) {
  const ucwa_roster *roster = pointer(g, "r", OBJECT, g->roster);
  return ucwa_roster_find(roster, g->participant) == NULL ? GAVE_NULL : GAVE_VALUE;
}

ROW(roster_ref) {
  const ucwa_roster *roster = ucwa_roster_ref(pointer(g, "r", OBJECT, g->roster));
  ucwa_roster_unref(roster);
  return roster == NULL ? GAVE_NULL : GAVE_VALUE;
}

ROW(roster_unref) {
  const ucwa_roster *roster = pointer(g, "r", OBJECT, g->roster);
  ucwa_roster_unref(ucwa_roster_ref(roster));
  ucwa_roster_unref(NULL);
  return GAVE_NOTHING;
}

ROW(roster_snapshot) {
  const ucwa_roster *roster = NULL;
  const ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->conversation, 64, ID);
  int32_t status = ucwa_roster_snapshot(s, c, OUT_TO("out", &roster));
  ucwa_roster_unref(roster);
  return status;
}

/* ---- meetings ---- */

ROW(conversation_list) {
  ucwa_conversation_id ids[4];
  size_t count;
  const ucwa_session *s = S;
  ucwa_conversation_id *to = OUT_TO("out_ids", ids);
  return ucwa_conversation_list(s, to, 4, OUT_TO("out_count", &count));
}

ROW(conversation_get) {
  const ucwa_event *event = NULL;
  const ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->conversation, 64, ID);
  int32_t status = ucwa_conversation_get(s, c, OUT_TO("out", &event));
  ucwa_event_unref(event);
  return status;
}

ROW(conversation_leave) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->spare, 64, ID);
  return ucwa_conversation_leave(s, c, OP_TO(&op));
}

ROW(conversation_add_participant) {
  ucwa_add_participant_options opt = UCWA_ADD_PARTICIPANT_OPTIONS_INIT;
  ucwa_invitation_id invitation;
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->conversation, 64, ID);
  const char *to = text(g, "to_uri", TEXT, "sip:bo@contoso.com", "lcq", "address");
  const ucwa_add_participant_options *options = MAYBE_TO("opt", &opt);
  ucwa_invitation_id *out;
  opt.struct_size = (uint32_t)number(g, "opt->struct_size", (int64_t)sizeof opt, 32, SIZE);
  opt.modalities = (uint32_t)number(g, "opt->modalities", UCWA_MODALITY_MESSAGING, 32, MODALITY);
  opt.operation_id = text(g, "opt->operation_id", TEXT_OR_NULL, NULL, "ecq", "operationId");
  opt.subject = text(g, "opt->subject", TEXT_OR_NULL, "s", "ecq", "subject");
  opt.on_behalf_of = text(g, "opt->on_behalf_of", TEXT_OR_NULL, "s", "ecq", "onBehalfOf");
  out = MAYBE_TO("out_invitation", &invitation);
  return ucwa_conversation_add_participant(s, c, to, options, out, OP_TO(&op));
}

ROW(invitation_get) {
  const ucwa_event *event = NULL;
  const ucwa_session *s = S;
  ucwa_invitation_id id = (ucwa_invitation_id)number(g, "id", (int64_t)g->invitation, 64, ID);
  int32_t status = ucwa_invitation_get(s, id, OUT_TO("out", &event));
  ucwa_event_unref(event);
  return status;
}

ROW(invitation_cancel) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_invitation_id id = (ucwa_invitation_id)number(g, "id", (int64_t)g->invitation, 64, ID);
  return ucwa_invitation_cancel(s, id, OP_TO(&op));
}

ROW(invitation_accept) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_invitation_id id = (ucwa_invitation_id)number(g, "id", (int64_t)g->invitation, 64, ID);
  return ucwa_invitation_accept(s, id, OP_TO(&op));
}

ROW(invitation_decline) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_invitation_id id = (ucwa_invitation_id)number(g, "id", (int64_t)g->invitation, 64, ID);
  int32_t reason = (int32_t)number(g, "reason", UCWA_DECLINE_LOCAL, 32, ONE_OR_2);
  return ucwa_invitation_decline(s, id, reason, OP_TO(&op));
}

ROW(conversation_start) {
  ucwa_conversation_options opt = UCWA_CONVERSATION_OPTIONS_INIT;
  ucwa_op op;
  ucwa_session *s = S;
  const char *to = text(g, "to_uri", TEXT, "sip:bo@contoso.com", "lcq", "address");
  const ucwa_conversation_options *options;
  opt.struct_size = (uint32_t)number(g, "opt->struct_size", (int64_t)sizeof opt, 32, SIZE);
  opt.reserved = (uint32_t)number(g, "opt->reserved", 0, 32, ZERO);
  opt.subject = text(g, "opt->subject", TEXT_OR_NULL, "s", "ecq", "subject");
  opt.importance = text(g, "opt->importance", TEXT_OR_NULL, "Urgent", "", "opt->importance");
  opt.message = text(g, "opt->message", TEXT_OR_NULL, "m", "elcq", "opt->message");
  options = MAYBE_TO("opt", &opt);
  return ucwa_conversation_start(s, to, options, OP_TO(&op));
}

ROW(session_make_available) {
  ucwa_availability_options opt = UCWA_AVAILABILITY_OPTIONS_INIT;
  ucwa_op op;
  ucwa_session *s = S;
  const ucwa_availability_options *options;
  opt.struct_size = (uint32_t)number(g, "opt->struct_size", (int64_t)sizeof opt, 32, SIZE);
  opt.modalities = (uint32_t)number(g, "opt->modalities", UCWA_MODALITY_MESSAGING, 32, MODALITY);
  opt.sign_in_as = text(g, "opt->sign_in_as", TEXT_OR_NULL, "Busy", "", "opt->sign_in_as");
  opt.message_formats = text(g, "opt->message_formats", TEXT_OR_NULL, "Plain,Html", "", "opt->message_formats");
  opt.audio_preference = text(g, "opt->audio_preference", TEXT_OR_NULL, NULL, "", "opt->audio_preference");
  opt.phone_number = text(g, "opt->phone_number", TEXT_OR_NULL, NULL, "elcq", "opt->phone_number");
  options = MAYBE_TO("opt", &opt);
  return ucwa_session_make_available(s, options, OP_TO(&op));
}

static const ucwa_join_options *join_options(struct given *g, ucwa_join_options *opt) {
  opt->struct_size = (uint32_t)number(g, "opt->struct_size", (int64_t)sizeof *opt, 32, SIZE);
  opt->reserved = (uint32_t)number(g, "opt->reserved", 0, 32, ZERO);
  opt->subject = text(g, "opt->subject", TEXT_OR_NULL, "s", "ecq", "subject");
  opt->importance = text(g, "opt->importance", TEXT_OR_NULL, "Urgent", "", "opt->importance");
  return MAYBE_TO("opt", opt);
}

ROW(meeting_start) {
  ucwa_join_options opt = UCWA_JOIN_OPTIONS_INIT;
  ucwa_op op;
  ucwa_session *s = S;
  const ucwa_join_options *options = join_options(g, &opt);
  return ucwa_meeting_start(s, options, OP_TO(&op));
}

ROW(meeting_join) {
  ucwa_join_options opt = UCWA_JOIN_OPTIONS_INIT;
  ucwa_op op;
  ucwa_session *s = S;
  const char *uri = text(g, "meeting_uri", TEXT, "sip:lene@contoso.com;gruu;opaque=app:conf:focus:id:X", "lcq",
                         "meeting's URI");
  const ucwa_join_options *options = join_options(g, &opt);
  return ucwa_meeting_join(s, uri, options, OP_TO(&op));
}

ROW(participant_do) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->conversation, 64, ID);
  ucwa_participant_id p = (ucwa_participant_id)number(g, "p", (int64_t)g->participant, 64, ID);
  int32_t action = (int32_t)number(g, "action", UCWA_PARTICIPANT_PROMOTE, 32, ONE_TO_9);
  return ucwa_participant_do(s, c, p, action, OP_TO(&op));
}

ROW(audience_do) {
  ucwa_op op;
  ucwa_session *s = S;
  ucwa_conversation_id c = (ucwa_conversation_id)number(g, "c", (int64_t)g->conversation, 64, ID);
  int32_t action = (int32_t)number(g, "action", UCWA_AUDIENCE_ENABLE_MESSAGING, 32, ONE_TO_4);
  return ucwa_audience_do(s, c, action, OP_TO(&op));
}

/* Statuses in order: as it is meant, inside a callback, from 8 threads while it is freed, during close. */
const struct row rows[] = {
#define IS(name, ...) {"ucwa_" #name, call_##name, __VA_ARGS__}
  IS(status_name, PLAIN, "value", NULL, NULL, NULL),
  IS(state_name, PLAIN, "value", NULL, NULL, NULL),
  IS(phase_name, PLAIN, "value", NULL, NULL, NULL),
  IS(outcome_name, PLAIN, "value", NULL, NULL, NULL),
  IS(version, PLAIN, "value", NULL, NULL, NULL),
  IS(abi_version, PLAIN, "value", NULL, NULL, NULL),
  IS(version_string, PLAIN, "value", NULL, NULL, NULL),
  IS(last_error_message, PLAIN, "value", NULL, NULL, NULL),
  IS(debug_counts, 0, "OK", NULL, NULL, NULL),
  IS(shutdown, LAST, "OK", "E_WOULD_DEADLOCK", NULL, NULL),
  IS(set_log_callback, 0, "OK", NULL, NULL, NULL),
  IS(config_new, 0, "OK", NULL, NULL, NULL),
  IS(config_free, FREES, "OK", NULL, NULL, NULL),
  IS(config_set_user, 0, "OK", NULL, NULL, NULL),
  IS(config_set_domain, 0, "OK", NULL, NULL, NULL),
  IS(config_set_discovery_url, 0, "OK", NULL, NULL, NULL),
  IS(config_set_password, 0, "OK", NULL, NULL, NULL),
  IS(config_set_password_sized, 0, "OK", NULL, NULL, NULL),
  IS(config_set_user_agent, 0, "OK", NULL, NULL, NULL),
  IS(config_set_proxy, 0, "OK", NULL, NULL, NULL),
  IS(config_add_root_certs_pem, 0, "OK", NULL, NULL, NULL),
  IS(config_set, 0, "OK", NULL, NULL, NULL),
  IS(session_new, 0, "OK", NULL, NULL, NULL),
  IS(session_open, FRESH, "OK", NULL, "OK E_WRONG_STATE", "E_WRONG_STATE"),
  IS(session_close, FRESH, "OK", NULL, NULL, NULL),
  IS(session_free, FRESH | FREES, "OK", NULL, NULL, NULL),
  IS(session_state, 0, "OK", NULL, NULL, NULL),
  IS(session_failure, 0, "E_NOT_FOUND", NULL, NULL, NULL),
  IS(session_make_available, 0, "OK", NULL, "OK E_CLOSED", "E_CLOSED"),
  IS(session_set_tag, 0, "OK", NULL, NULL, NULL),
  IS(session_wait, 0, "OK", "E_WOULD_DEADLOCK", "OK E_CLOSED", NULL),
  IS(op_cancel, 0, "OK", NULL, NULL, NULL),
  IS(session_supply_password, 0, "E_NOT_FOUND", NULL, NULL, NULL),
  IS(session_supply_token, 0, "E_NOT_FOUND", NULL, NULL, NULL),
  IS(session_refuse_credentials, 0, "E_NOT_FOUND", NULL, NULL, NULL),
  IS(reader_new, 0, "OK", NULL, NULL, NULL),
  IS(reader_free, FREES, "OK", NULL, NULL, NULL),
  IS(reader_attach, 0, "OK", NULL, NULL, NULL),
  IS(reader_detach, 0, "OK", NULL, NULL, NULL),
  IS(reader_next, 0, "NO_EVENT", "E_WOULD_DEADLOCK", "E_CLOSED", NULL),
  IS(reader_wait_handle, 0, "OK", NULL, NULL, NULL),
  IS(reader_set_wakeup, 0, "OK", NULL, NULL, NULL),
  IS(session_subscribe, 0, "OK", NULL, NULL, NULL),
  IS(subscription_free, FREES, "OK", NULL, NULL, NULL),
  IS(subscription_free_async, FREES, "OK", NULL, NULL, NULL),
  IS(event_ref, PLAIN | OBJECTS, "value", NULL, NULL, NULL),
  IS(event_unref, PLAIN | OBJECTS, "nothing", NULL, NULL, NULL),
  IS(event_json, PLAIN | OBJECTS, "value", NULL, NULL, NULL),
  IS(conversation_list, 0, "OK", NULL, NULL, NULL),
  IS(conversation_get, 0, "OK", NULL, "OK E_NOT_FOUND", "OK E_NOT_FOUND"),
  IS(roster_snapshot, 0, "OK", NULL, "OK E_NOT_FOUND", "OK E_NOT_FOUND"),
  IS(roster_at, PLAIN | OBJECTS, "value", NULL, NULL, NULL),
  IS(roster_find, PLAIN | OBJECTS, "value", NULL, NULL, NULL),
  IS(roster_ref, PLAIN | OBJECTS, "value", NULL, NULL, NULL),
  IS(roster_unref, PLAIN | OBJECTS, "nothing", NULL, NULL, NULL),
  IS(invitation_get, 0, "OK", NULL, NULL, NULL),
  IS(invitation_cancel, 0, "OK", "OK E_NOT_ALLOWED", "OK E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
  IS(invitation_accept, 0, "E_NOT_ALLOWED", NULL, "E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
  IS(invitation_decline, 0, "E_NOT_ALLOWED", NULL, "E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
  IS(meeting_start, 0, "OK", NULL, "OK E_CLOSED", "E_CLOSED"),
  IS(meeting_join, 0, "OK", NULL, "OK E_CLOSED", "E_CLOSED"),
  IS(conversation_start, 0, "OK", NULL, "OK E_CLOSED", "E_CLOSED"),
  IS(conversation_add_participant, 0, "OK", NULL, "OK E_NOT_FOUND E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
  IS(conversation_leave, 0, "OK", "OK E_NOT_FOUND", "OK E_NOT_FOUND E_CLOSED", "E_CLOSED"),
  IS(audience_do, 0, "E_NOT_ALLOWED", "OK E_NOT_ALLOWED", "OK E_NOT_FOUND E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
  IS(participant_do, 0, "OK", "OK E_NOT_ALLOWED", "OK E_NOT_FOUND E_NOT_ALLOWED E_CLOSED", "E_CLOSED"),
};
const int row_count = sizeof rows / sizeof *rows;
