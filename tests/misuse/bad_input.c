/* Each text and each number in turn is something else than it should be. */

#include "matrix.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 5 };

static const char letters[TEXTS] = {'e', 'u', 'l', 'c', 'q'};
static const char *texts[TEXTS] = {"", "a\xff\xfe\x80z", NULL, "a\x01\r\nX: y\x1b[0m\x7f", "\"';--`<x>\\\"$(){}%n%s&amp;"};

/* A row's call with one bad argument; what it takes is left in g. */
static int32_t call(const struct row *row, struct given *g, const struct scene *scene, const char *name,
                    const void *pointer, int64_t number) {
  int32_t status;
  give(g, scene, row);
  if (strcmp(row->name, "ucwa_reader_next") == 0) {
    /* One whose session is over, so that no timeout is waited for. */
    ucwa_session *over = new_session();
    ucwa_reader_attach(g->handle[READER], over);
    ucwa_session_free(over);
  }
  g->wrong = name;
  g->pointer = pointer;
  g->number = number;
  status = row->call(g);
  take_back(g, scene);
  return status;
}

static void check(const struct row *row, const struct argument *a, int32_t status, const char *allowed, const char *what) {
  const char *said = message();
  if (!is_one_of(status, allowed))
    wrong("%s, %s %s: %s instead of %s: %s", row->name, a->name, what, status_text(status), allowed, said);
  if (status != UCWA_E_INVALID_ARG && status != UCWA_E_NULL_ARG) return;
  if (strstr(said, row->name) != said || (strstr(said, a->name) == NULL && strstr(said, a->also) == NULL))
    wrong("%s, %s %s: the message does not name it: %s", row->name, a->name, what, said);
}

/* What a row gives when its arguments are fine. */
static const char *fine(const struct row *row) {
  if (strcmp(row->name, "ucwa_reader_next") == 0) return "E_CLOSED";
  return row->inside && strcmp(row->inside, "E_WOULD_DEADLOCK") ? row->inside : row->as_meant;
}

static void bad_texts(FILE *to, const struct row *row, const struct argument *a, const struct scene *scene) {
  struct given g;
  int t;
  fprintf(to, "| `%s` | `%s` |", row->name, a->name);
  for (t = 0; t < TEXTS; t++) {
    const char *allowed = strchr(a->takes, letters[t]) && letters[t] != 'u' ? fine(row) : "E_INVALID_ARG";
    if (strcmp(a->name, "key") == 0 && letters[t] != 'u') allowed = "E_NOT_FOUND";
    check(row, a, call(row, &g, scene, a->name, texts[t], 0), allowed, texts[t]);
    fprintf(to, " %s |", allowed);
  }
  fprintf(to, "\n");
}

static const char *rule_of(const struct row *row, const struct argument *a, int64_t n) {
  const char *bad = "E_INVALID_ARG";
  switch (a->rule) {
    case ANY: return fine(row);
    case ID: return n == a->good ? fine(row) : n == 0 ? bad : "E_NOT_FOUND";
    case ONE_TO_5: return n >= 1 && n <= 5 ? fine(row) : bad;
    case ONE_TO_9: return n >= 1 && n <= 9 ? fine(row) : bad;
    case ONE_TO_4: return n >= 1 && n <= 4 ? fine(row) : bad;
    case ONE_OR_2: return n == 1 || n == 2 ? fine(row) : bad;
    case MODALITY: return (uint32_t)n < 128 ? fine(row) : bad;
    case SIZE: return (uint32_t)n >= (uint32_t)a->good ? fine(row) : bad;
    case ZERO: return n == 0 ? fine(row) : bad;
    case EXPIRY: return n == 0 || n >= INT_MAX ? fine(row) : bad;
  }
  return bad;
}

static const char *const rules[] = {
  "any: as meant", "0: E_INVALID_ARG; unknown: E_NOT_FOUND",
  "not 1 to 5: E_INVALID_ARG", "not 1 to 9: E_INVALID_ARG", "not 1 to 4: E_INVALID_ARG", "neither 1 nor 2: E_INVALID_ARG", "unknown bits: E_INVALID_ARG", "too small: E_INVALID_ARG", "not 0: E_INVALID_ARG",
  "over: E_INVALID_ARG",
};

static void bad_numbers(const struct row *row, const struct argument *a, const struct scene *scene) {
  static const int64_t wide[] = {INT64_MIN, INT64_MAX, INT64_MAX - 1, 1 << 20, (int64_t)1 << 40};
  static const int64_t narrow[] = {INT_MIN, INT_MAX, -1, 0, 1, 2, 5, 6, 99, 128};
  struct given g;
  size_t i;
  for (i = 0; i < sizeof narrow / sizeof *narrow + (a->bits == 64 ? sizeof wide / sizeof *wide : 0); i++) {
    int64_t n = i < sizeof narrow / sizeof *narrow ? narrow[i] : wide[i - sizeof narrow / sizeof *narrow];
    char what[32];
    const char *allowed = rule_of(row, a, n);
    /* Small numbers are ids that there are; nobody is to leave the conversation that the other rows need. */
    if (a->rule == ID && n >= 1 && n <= 128 && strstr(row->name, "_leave")) continue;
    if (a->rule == ID && n >= 1 && n <= 128) allowed = "OK E_NOT_FOUND E_NOT_ALLOWED E_TIMEOUT";
    if ((a->rule == ONE_TO_9 && n >= 1 && n <= 9) || (a->rule == ONE_TO_4 && n >= 1 && n <= 4)) allowed = "OK E_NOT_ALLOWED";
    snprintf(what, sizeof what, "%lld", (long long)n);
    check(row, a, call(row, &g, scene, a->name, NULL, n), allowed, what);
  }
}

/* A place that is not aligned for what is to be written there. */
static void misaligned(const struct row *row, const struct argument *a, const struct scene *scene) {
  static int64_t room[16];
  struct given g;
  /* Without a status: nothing is written then. */
  if (row->flags & PLAIN || strcmp(a->name, "tag") == 0 || strcmp(a->name, "cb") == 0) return;
  check(row, a, call(row, &g, scene, a->name, (char *)room + 1, 0), "E_INVALID_ARG", "misaligned");
}

static void length(const char *function, const char *argument, int32_t status, const char *allowed) {
  const char *said = message();
  if (!is_one_of(status, allowed)) wrong("%s, the length of %s: %s: %s", function, argument, status_text(status), said);
  if (status == UCWA_E_INVALID_ARG && (strstr(said, function) != said || strstr(said, argument) == NULL))
    wrong("%s, the length of %s: the message does not name it: %s", function, argument, said);
}

/* Texts with a length beside them: none at all, with a NUL within, cut within a character, and longer than any memory. */
static void lengths(const struct scene *scene) {
  static const size_t impossible[] = {(size_t)-2, (size_t)1 << (sizeof(size_t) * 8 - 1)};
  static const char pem[] = "-----BEGIN CERTIFICATE-----\n";
  const char *password = "ucwa_session_supply_password", *token = "ucwa_session_supply_token";
  const char *add = "ucwa_config_add_root_certs_pem", *config = "ucwa_config_set_password_sized";
  ucwa_session *s = scene->session;
  ucwa_config *cfg = scene->config;
  size_t i;
  for (i = 0; i < 2; i++) {
    length(password, "password", ucwa_session_supply_password(s, 7, "u", "p", impossible[i]), "E_INVALID_ARG");
    length(token, "token", ucwa_session_supply_token(s, 7, "t", impossible[i], 0), "E_INVALID_ARG");
    length(add, "pem", ucwa_config_add_root_certs_pem(cfg, pem, impossible[i]), "E_INVALID_ARG");
  }
  length(password, "password", ucwa_session_supply_password(s, 7, "u", "p", 0), "E_NOT_FOUND");
  length(password, "password", ucwa_session_supply_password(s, 7, "u", NULL, 0), "E_NULL_ARG");
  length(password, "password", ucwa_session_supply_password(s, 7, "u", "a\0b", 3), "E_NOT_FOUND");
  length(password, "password", ucwa_session_supply_password(s, 7, "u", "\xc3\xa4", 1), "E_INVALID_ARG");
  length(config, "password", ucwa_config_set_password_sized(cfg, "u", "p", impossible[0]), "E_INVALID_ARG");
  length(config, "password", ucwa_config_set_password_sized(cfg, "u", "p", 0), "OK");
  length(config, "password", ucwa_config_set_password_sized(cfg, "u", NULL, 0), "E_NULL_ARG");
  length(config, "password", ucwa_config_set_password_sized(cfg, "u", "\xc3\xa4", 1), "E_INVALID_ARG");
  length(token, "token", ucwa_session_supply_token(s, 7, "t", 0, 0), "E_NOT_FOUND");
  length(token, "token", ucwa_session_supply_token(s, 7, "\xc3\xa4", 1, 0), "E_INVALID_ARG");
  length(add, "PEM", ucwa_config_add_root_certs_pem(cfg, pem, 0), "E_INVALID_ARG");
  length(add, "PEM", ucwa_config_add_root_certs_pem(cfg, pem, 5), "E_INVALID_ARG");
  length(add, "pem", ucwa_config_add_root_certs_pem(cfg, pem, sizeof pem - 1), "OK");
}

/* A question for credentials, answered with this; the session ends as it likes, but it ends and is no defect. */
static void answer(const char *token, int64_t expires) {
  ucwa_config *config = bare_config();
  ucwa_session *session = NULL;
  ucwa_reader *reader = new_reader();
  const ucwa_event *event = NULL;
  ucwa_status status = UCWA_E_PANIC, result = UCWA_E_PANIC;
  ucwa_op op = 0;
  if (ucwa_session_new(config, &session) != UCWA_OK) give_up("session_new: %s", message());
  ucwa_config_free(config);
  made_handle(session);
  ucwa_reader_attach(reader, session);
  if (ucwa_session_open(session, &op) != UCWA_OK) give_up("open: %s", message());
  for (;;) {
    if (ucwa_reader_next(reader, 60000, &event) != UCWA_OK) break;
    if (event->type == UCWA_EVENT_OP_DONE) result = event->u.op->status;
    if (event->type == UCWA_EVENT_CREDENTIALS_NEEDED) {
      uint64_t request = event->u.credentials->request_id;
      status = event->u.credentials->attempt > 1 ? ucwa_session_refuse_credentials(session, request, token)
               : event->u.credentials->kind == UCWA_CREDENTIALS_PASSWORD
                 ? ucwa_session_supply_password(session, request, "lene@contoso.com", token, UCWA_NUL_TERMINATED)
                 : ucwa_session_supply_token(session, request, token, UCWA_NUL_TERMINATED, expires);
      if (status == UCWA_E_INVALID_ARG) status = ucwa_session_refuse_credentials(session, request, "no");
      if (status != UCWA_OK) wrong("the answer %.20s: %s", token, message());
    }
    ucwa_event_unref(event);
    if (result != UCWA_E_PANIC) break;
  }
  if (!is_one_of(result, "E_AUTH E_PROTOCOL E_INVALID_ARG"))
    wrong("a session with the token %.20s ended in %s", token, status_text(result));
  ucwa_reader_free(reader);
  ucwa_session_free(session);
}

static void bad_answers(void) {
  static const int64_t expiries[] = {0, INT64_MAX, INT64_MAX / 1000, INT64_MIN};
  size_t i;
  for (i = 0; i < TEXTS; i++)
    if (letters[i] != 'u') answer(texts[i], 0);
  for (i = 0; i < sizeof expiries / sizeof *expiries; i++) answer("token", expiries[i]);
}

void run_bad_input(FILE *to) {
  struct argument takes[ARGUMENTS];
  struct scene scene;
  struct given g;
  int row, i, count, pass, refuses;
  char *mib = malloc((1 << 20) + 1);
  if (mib == NULL) give_up("out of memory");
  memset(mib, 'a', 1 << 20);
  mib[1 << 20] = 0;
  texts[2] = mib;
  open_scene(&scene);
  for (pass = 0; pass < 2; pass++) {
    fprintf(to, pass == 0 ? "| function | text | empty | not UTF-8 | long | control characters | quotes |\n|---|---|---|---|---|---|---|\n"
                          : "\n| function | numbers |\n|---|---|\n");
    for (row = 0; row < row_count; row++) {
      const struct row *it = &rows[row];
      if (it->flags & LAST) continue;
      call(it, &g, &scene, NULL, NULL, 0);
      memcpy(takes, g.argument, sizeof takes);
      count = g.arguments;
      for (i = refuses = 0; i < count; i++) {
        const struct argument *a = &takes[i];
        if (pass == 0 && (a->type == TEXT || a->type == TEXT_OR_NULL || a->type == BYTES)) bad_texts(to, it, a, &scene);
        if (pass == 0 && (a->type == OUT || a->type == OUT_OR_NULL)) misaligned(it, a, &scene);
        if (pass == 0 || a->type != NUMBER) continue;
        bad_numbers(it, a, &scene);
        if (refuses == 0) fprintf(to, "| `%s` |", it->name);
        fprintf(to, "%s `%s` %s", refuses++ ? ";" : "", a->name, rules[a->rule]);
      }
      if (refuses) fprintf(to, " |\n");
    }
  }
  lengths(&scene);
  close_scene(&scene);
  bad_answers();
  for (i = 0; i < 5; i++) {
    static const int timeouts[] = {INT_MIN, -1, INT_MAX, 1, 0};
    int32_t status = ucwa_shutdown(timeouts[i]);
    if (!is_one_of(status, "OK E_TIMEOUT")) wrong("ucwa_shutdown(%d): %s", timeouts[i], message());
  }
  free(mib);
}
