/* Any function in any order with any arguments. */

#include "matrix.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every status that a call may give when nothing is known of the moment. */
static const char *const any_status =
  "OK NO_EVENT E_NULL_ARG E_INVALID_ARG E_INVALID_HANDLE E_WRONG_STATE E_CLOSED E_TIMEOUT E_NOT_FOUND E_NOT_ALLOWED "
  "E_CREDENTIALS_NEEDED value \"\" NULL nothing";

enum { POOL = 6, WALKERS = 4 };

static __thread uint64_t state;

static uint64_t bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static int below(int n) { return (int)(bits() >> 33) % n; }

static void nothing(void *data, const ucwa_event *event) { (void)data, (void)event; }

/* Handles that all walkers use: live, freed by another one, or stale for long. */
static void *pool[KINDS][POOL];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *any_handle(enum kind kind) {
  void *handle;
  pthread_mutex_lock(&lock);
  handle = pool[kind][below(POOL)];
  pthread_mutex_unlock(&lock);
  return handle;
}

static void *made(enum kind kind) {
  ucwa_config *config = NULL;
  ucwa_session *session = NULL;
  ucwa_reader *reader = NULL;
  ucwa_subscription *subscription = NULL;
  switch (kind) {
    case SUBSCRIPTION:
      count_given(ucwa_session_subscribe(any_handle(SESSION), bits(), nothing, NULL, told_destroy, &subscription));
      return subscription;
    case READER: return ucwa_reader_new(bits(), (uint32_t)below(3), &reader) == UCWA_OK ? reader : NULL;
    default: break;
  }
  /* Another walker may shut down between any two of these. */
  if (ucwa_config_new(&config) != UCWA_OK) return NULL;
  ucwa_config_set_discovery_url(config, root_url);
  ucwa_config_set_proxy(config, "");
  ucwa_config_set(config, "allow_http", "true");
  if (below(4)) ucwa_config_set_password(config, "lene@contoso.com", "Pa55w.rd!");
  if (kind == CONFIG) return config;
  if (ucwa_session_new(config, &session) != UCWA_OK) session = NULL;
  ucwa_config_free(config);
  if (below(2)) ucwa_session_open(session, NULL);
  return session;
}

static void free_handle(enum kind kind, void *handle) {
  switch (kind) {
    case CONFIG: ucwa_config_free(handle); break;
    case SESSION: ucwa_session_free(handle); break;
    case READER: ucwa_reader_free(handle); break;
    default: ucwa_subscription_free(handle); break;
  }
}

/* Something new in the place of something old. */
static void renew(enum kind kind) {
  void *fresh = made(kind), *old;
  int at = below(POOL);
  pthread_mutex_lock(&lock);
  old = pool[kind][at];
  pool[kind][at] = fresh;
  pthread_mutex_unlock(&lock);
  free_handle(kind, old);
}

static const char *const words[] = {
  "", "a", "sip:ana@contoso.com", "\xc3\x28", "\xf0\x9f\x98\x80", "http://127.0.0.1:1/", "https://a.b/", "Urgent", "true", "0",
  "retry.times", "allow_http", "resolve.x", "127.0.0.1:1", "\r\n", "%s%n", "-----BEGIN CERTIFICATE-----\n",
};
static const int64_t numbers[] = {0, 1, 2, 3, 5, 6, 17, 99, -1, INT_MIN, INT_MAX, INT64_MIN, INT64_MAX, 1 << 16};

/* One argument, the next time, is anything. */
static void spoil(struct given *g, const struct argument *a) {
  static int64_t room[64];
  g->wrong = a->name;
  g->number = numbers[below(sizeof numbers / sizeof *numbers)];
  g->pointer = NULL;
  if (a->type == HANDLE) g->pointer = below(2) ? any_handle((enum kind)below(KINDS)) : (void *)(uintptr_t)bits();
  if (a->type == TEXT || a->type == TEXT_OR_NULL || a->type == BYTES)
    g->pointer = below(8) ? words[below(sizeof words / sizeof *words)] : NULL;
  if (a->type == OUT || a->type == OUT_OR_NULL) g->pointer = strcmp(a->name, "tag") == 0 ? room : NULL;
  /* Nothing is waited for longer than this. */
  if (strcmp(a->name, "timeout_ms") == 0) g->number = below(3);
}

struct walk {
  unsigned seed;
  int steps; /* below 0: until it is told to stop */
};

static volatile int stop;

static void *walk(void *data) {
  const struct walk *it = data;
  struct argument takes[128][ARGUMENTS];
  int count[128] = {0}, step, kind;
  state = it->seed * 2654435769u + 88172645463325252u;
  for (step = 0; it->steps < 0 ? !stop : step < it->steps; step++) {
    struct given g;
    int row = below(row_count);
    int32_t status;
    /* A shutdown makes everything stale: now and then. */
    if (rows[row].flags & LAST && (it->steps < 0 || below(10))) continue;
    if (below(4) == 0) renew((enum kind)below(KINDS));
    memset(&g, 0, sizeof g);
    for (kind = 0; kind < KINDS; kind++) g.handle[kind] = any_handle((enum kind)kind);
    g.op = (ucwa_op)below(5);
    g.conversation = g.spare = (uint64_t)below(4);
    g.participant = (uint64_t)below(4);
    g.invitation = (uint64_t)below(4);
    if (count[row] > 0 && below(2)) spoil(&g, &takes[row][below(count[row])]);
    if (rows[row].flags & LAST) {
      /* Others make new sessions meanwhile, so it may have to give up. */
      g.wrong = "timeout_ms";
      g.number = below(50);
    }
    status = rows[row].call(&g);
    memcpy(takes[row], g.argument, sizeof g.argument);
    count[row] = g.arguments;
    if (!is_one_of(status, any_status))
      wrong("step %d of seed %u: %s, %s: %s: %s", step, it->seed, rows[row].name, g.wrong ? g.wrong : "as it is",
            status_text(status), message());
  }
  return NULL;
}

static void start(pthread_t *threads, struct walk *walks, unsigned seed, int steps) {
  int i;
  for (i = 0; i < WALKERS; i++) {
    walks[i].seed = seed * WALKERS + (unsigned)i;
    walks[i].steps = steps;
    if (pthread_create(&threads[i], NULL, walk, &walks[i]) != 0) give_up("no thread");
  }
}

static void end(pthread_t *threads) {
  int i, kind;
  for (i = 0; i < WALKERS; i++) pthread_join(threads[i], NULL);
  for (kind = 0; kind < KINDS; kind++)
    for (i = 0; i < POOL; i++) {
      free_handle((enum kind)kind, pool[kind][i]);
      pool[kind][i] = NULL;
    }
}

void run_walk(unsigned seed, int steps) {
  pthread_t threads[WALKERS];
  struct walk walks[WALKERS];
  fprintf(stderr, "seed %u\n", seed);
  start(threads, walks, seed, steps / WALKERS);
  end(threads);
}

/* In a child of a busy parent. Its verdict goes through the pipe. */
static void child(const struct scene *parents, int to) {
  ucwa_counts counts = UCWA_COUNTS_INIT;
  struct scene own;
  int32_t now;
  int before = failures;
  alarm(120);
  if (ucwa_session_state(parents->session, &now) != UCWA_E_FORKED) wrong("a parent's session in a child: %s", message());
  open_scene(&own);
  if (ucwa_session_state(parents->session, &now) != UCWA_E_FORKED) wrong("a parent's session in a child: %s", message());
  close_scene(&own);
  if (ucwa_shutdown(60000) != UCWA_OK) wrong("ucwa_shutdown in a child: %s", message());
  if (ucwa_debug_counts(&counts) != UCWA_OK || counts.sessions + counts.configs + counts.threads != 0)
    wrong("something is left in a child");
  if (write(to, failures == before ? "y" : "n", 1) != 1) _exit(3);
  _exit(0);
}

void run_forks(unsigned seed, int children) {
  pthread_t threads[WALKERS];
  struct walk walks[WALKERS];
  struct scene scene;
  int i, status;
  open_scene(&scene);
  /* Under valgrind a child's _exit() writes what is left in the buffers. */
  fflush(stdout);
  start(threads, walks, seed, -1);
  for (i = 0; i < children; i++) {
    int ends[2];
    char verdict = 0;
    pid_t made;
    if (pipe(ends) != 0 || (made = fork()) < 0) give_up("no child");
    if (made == 0) child(&scene, ends[1]);
    close(ends[1]);
    if (read(ends[0], &verdict, 1) != 1) verdict = 0;
    waitpid(made, &status, 0);
    if (verdict != 'y') wrong("child %d, forked while others walk, ended with %d", i, status);
    close(ends[0]);
  }
  stop = 1;
  end(threads);
  close_scene(&scene);
}
