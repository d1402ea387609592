/* Sessions with a simulator, and what every part of the program uses. */

#include "matrix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Long enough for a busy machine under valgrind; nothing waits this long when all is well. */
enum { PATIENCE_MS = 60000 };

const char *root_url;
int failures;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take_lock(void) { pthread_mutex_lock(&lock); }
static void leave_lock(void) { pthread_mutex_unlock(&lock); }

void forks_are_fine(void) { pthread_atfork(take_lock, leave_lock, leave_lock); }

void wrong(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&lock);
  failures++;
  fprintf(stderr, "WRONG: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  pthread_mutex_unlock(&lock);
  va_end(arguments);
}

void give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "GIVING UP: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  _exit(2);
}

char *text_of(const char *format, ...) {
  va_list arguments;
  char *text = malloc(4096);
  va_start(arguments, format);
  if (text == NULL) give_up("out of memory");
  vsnprintf(text, 4096, format, arguments);
  va_end(arguments);
  return text;
}

void pause_ms(int ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&time, NULL);
}

const char *message(void) {
  static __thread char text[8192];
  size_t len = ucwa_last_error_message(text, sizeof text);
  if (len >= sizeof text) strcpy(text + sizeof text - 5, "...");
  return text;
}

static void ok(const char *what, int32_t status) {
  if (status != UCWA_OK) give_up("%s: %s: %s", what, status_text(status), message());
}

/* ---- destroy functions: once for each call that took user data ---- */

static long taken, destroyed;

void told_destroy(void *unused) {
  (void)unused;
  pthread_mutex_lock(&lock);
  destroyed++;
  pthread_mutex_unlock(&lock);
}

void count_given(int32_t status) {
  pthread_mutex_lock(&lock);
  taken += status == UCWA_OK;
  pthread_mutex_unlock(&lock);
}

void check_destroyed(void) {
  pthread_mutex_lock(&lock);
  if (taken != destroyed) fprintf(stderr, "WRONG: %ld took user data, %ld destroyed\n", taken, destroyed), failures++;
  pthread_mutex_unlock(&lock);
}

/* ---- handles ---- */

static const void *made[1 << 16];
static size_t made_count;

void made_handle(const void *value) {
  pthread_mutex_lock(&lock);
  made[made_count++ % (sizeof made / sizeof *made)] = value;
  pthread_mutex_unlock(&lock);
}

int was_handle(const void *value) {
  size_t i, count;
  int was = 0;
  pthread_mutex_lock(&lock);
  count = made_count < sizeof made / sizeof *made ? made_count : sizeof made / sizeof *made;
  for (i = 0; i < count && !was; i++) was = made[i] == value;
  pthread_mutex_unlock(&lock);
  return was;
}

static ucwa_config *config_for(const char *url) {
  ucwa_config *config = NULL;
  ok("config_new", ucwa_config_new(&config));
  made_handle(config);
  ok("set_discovery_url", ucwa_config_set_discovery_url(config, url));
  ok("set_proxy", ucwa_config_set_proxy(config, ""));
  ok("set allow_http", ucwa_config_set(config, "allow_http", "true"));
  ok("set close.timeout_s", ucwa_config_set(config, "close.timeout_s", "60"));
  ok("set retry.first_pause_ms", ucwa_config_set(config, "retry.first_pause_ms", "10"));
  return config;
}

ucwa_config *bare_config(void) { return config_for(root_url); }

ucwa_config *new_config(void) {
  ucwa_config *config = bare_config();
  ok("set_password", ucwa_config_set_password(config, "lene@contoso.com", "Pa55w.rd!"));
  return config;
}

static ucwa_session *session_with(ucwa_config *config) {
  ucwa_session *session = NULL;
  ok("session_new", ucwa_session_new(config, &session));
  made_handle(session);
  ok("config_free", ucwa_config_free(config));
  return session;
}

ucwa_session *new_session(void) { return session_with(new_config()); }

ucwa_reader *new_reader(void) {
  ucwa_reader *reader = NULL;
  ok("reader_new", ucwa_reader_new(UCWA_MASK_ALL, 0, &reader));
  made_handle(reader);
  return reader;
}

ucwa_subscription *new_subscription(ucwa_session *session, ucwa_event_cb cb, void *data, uint64_t mask) {
  ucwa_subscription *subscription = NULL;
  ok("subscribe", ucwa_session_subscribe(session, mask, cb, data, told_destroy, &subscription));
  count_given(UCWA_OK);
  made_handle(subscription);
  return subscription;
}

/* A socket of ours on this computer. port 0: one that listens and never answers; its port. */
static int own_socket(int *port) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)*port);
  if (fd < 0) give_up("socket: %s", strerror(errno));
  if (*port == 0) {
    if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 100)) give_up("listen: %s", strerror(errno));
    if (getsockname(fd, (struct sockaddr *)&address, &size)) give_up("getsockname: %s", strerror(errno));
    *port = ntohs(address.sin_port);
  } else if (connect(fd, (struct sockaddr *)&address, size)) {
    give_up("connect to the simulator: %s", strerror(errno));
  }
  return fd;
}

int silent_port(void) {
  static int port;
  if (port == 0) own_socket(&port);
  return port;
}

ucwa_session *stuck_session(ucwa_op *op) {
  char url[64];
  ucwa_session *session;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", silent_port());
  session = session_with(config_for(url));
  ok("open", ucwa_session_open(session, op));
  return session;
}

/* ---- scenes ---- */

static void done(const char *what, ucwa_session *session, ucwa_op op, uint64_t *id) {
  ucwa_status result = UCWA_E_PANIC;
  ok(what, ucwa_session_wait(session, op, PATIENCE_MS, &result, id));
  ok(what, result);
}

void wait_for_state(ucwa_session *session, int32_t state) {
  int32_t now = -1, tries;
  for (tries = 0; tries < PATIENCE_MS / 5 && now != state; tries++) {
    ok("state", ucwa_session_state(session, &now));
    if (now != state) pause_ms(5);
  }
  if (now != state) give_up("the session never came to state %d, it is in %d", state, now);
}

static ucwa_participant_id somebody(const struct scene *scene) {
  const ucwa_roster *roster = NULL;
  ucwa_participant_id found = 0;
  size_t i;
  ok("roster", ucwa_roster_snapshot(scene->session, scene->conversation, &roster));
  for (i = 0; i < roster->count; i++) {
    const ucwa_participant *p = ucwa_roster_at(roster, i);
    if (!(p->flags & UCWA_PART_LOCAL) && p->can & UCWA_CAN_PROMOTE) found = p->id;
  }
  ucwa_roster_unref(roster);
  return found;
}

static int has_begun(const struct scene *scene) {
  const ucwa_event *event = NULL;
  int begun;
  ok("invitation", ucwa_invitation_get(scene->session, scene->invitation, &event));
  begun = *event->u.invitation->state != 0;
  ucwa_event_unref(event);
  return begun;
}

static ucwa_invitation_id invite(struct scene *scene, const char *whom) {
  ucwa_invitation_id invitation = 0;
  ucwa_op op = 0;
  ok("invite", ucwa_conversation_add_participant(scene->session, scene->conversation, whom, NULL, &invitation, &op));
  done("invite", scene->session, op, NULL);
  return invitation;
}

void open_scene(struct scene *scene) {
  ucwa_op op = 0;
  int tries;
  memset(scene, 0, sizeof *scene);
  scene->config = new_config();
  scene->session = new_session();
  ok("open", ucwa_session_open(scene->session, &scene->op));
  done("open", scene->session, scene->op, NULL);
  ok("start", ucwa_meeting_start(scene->session, NULL, &op));
  done("start", scene->session, op, &scene->conversation);
  ok("start", ucwa_meeting_start(scene->session, NULL, &op));
  done("start", scene->session, op, &scene->spare);
  invite(scene, "sip:ana@contoso.com");
  scene->invitation = invite(scene, "sip:ines@contoso.com");
  for (tries = 0; tries < PATIENCE_MS / 5 && scene->participant == 0; tries++) {
    scene->participant = somebody(scene);
    if (scene->participant == 0 || !has_begun(scene)) scene->participant = 0, pause_ms(5);
  }
  if (scene->participant == 0) give_up("nobody came into the meeting");
}

void close_scene(struct scene *scene) {
  ok("session_free", ucwa_session_free(scene->session));
  ok("config_free", ucwa_config_free(scene->config));
}

static void nothing(void *data, const ucwa_event *event) { (void)data, (void)event; }

void give(struct given *g, const struct scene *scene, const struct row *row) {
  const ucwa_event *event = NULL;
  const ucwa_roster *roster = NULL;
  memset(g, 0, sizeof *g);
  g->op = scene->op;
  g->conversation = scene->conversation;
  g->spare = scene->spare;
  g->participant = scene->participant;
  g->invitation = scene->invitation;
  g->handle[CONFIG] = new_config();
  g->handle[SESSION] = row->flags & FRESH ? new_session() : scene->session;
  g->handle[READER] = new_reader();
  g->handle[SUBSCRIPTION] = new_subscription(scene->session, nothing, NULL, UCWA_MASK(UCWA_EVENT_RAW));
  if (row->flags & OBJECTS) {
    ok("conversation", ucwa_conversation_get(scene->session, scene->conversation, &event));
    ok("roster", ucwa_roster_snapshot(scene->session, scene->conversation, &roster));
  }
  g->event = event;
  g->roster = roster;
}

void take_back(struct given *g, const struct scene *scene) {
  ucwa_config_free(g->handle[CONFIG]);
  if (g->handle[SESSION] != scene->session) ucwa_session_free(g->handle[SESSION]);
  ucwa_reader_free(g->handle[READER]);
  ucwa_subscription_free(g->handle[SUBSCRIPTION]);
  ucwa_event_unref(g->event);
  ucwa_roster_unref(g->roster);
}

void control(const char *method, const char *path, const char *body) {
  int port = atoi(strrchr(root_url, ':') + 1), fd = own_socket(&port);
  char *request = text_of("%s /sim/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          method, path, strlen(body), body);
  char answer[13] = "";
  if (write(fd, request, strlen(request)) < 0 || read(fd, answer, 12) < 12 || answer[9] != '2')
    give_up("the simulator said to %s %s: %s", method, path, answer);
  close(fd);
  free(request);
}
