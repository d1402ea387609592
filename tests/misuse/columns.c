/* The columns of the matrix. */

#include "matrix.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 128, THREADS_AT_ONCE = 8 };

const char *const column_names[COLUMNS] = {
  "as meant", "NULL", "freed", "foreign kind", "random token", "after shutdown", "after fork",
  "inside a callback", "inside a wake-up", "inside a log callback", "from 8 threads at once, freed meanwhile", "during close",
};
char *cells[ROWS][COLUMNS];
int rounds = 25;

/* What each row's call takes, as it said when it was made as it is meant. */
static struct argument takes[ROWS][ARGUMENTS];
static int takes_count[ROWS];

static int takes_handle(int row) {
  int i, found = 0;
  for (i = 0; i < takes_count[row]; i++) found |= takes[row][i].type == HANDLE;
  return found;
}

const char *status_text(int32_t status) {
  switch (status) {
    case GAVE_NULL: return "NULL";
    case GAVE_EMPTY: return "\"\"";
    case GAVE_VALUE: return "value";
    case GAVE_NOTHING: return "nothing";
    default: return ucwa_status_name(status) + strlen("UCWA_");
  }
}

int is_one_of(int32_t status, const char *list) {
  const char *name = status_text(status), *at = list;
  size_t len = strlen(name);
  while ((at = strstr(at, name)) != NULL) {
    if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == 0)) return 1;
    at += len;
  }
  return 0;
}

/* What a function may give in a column, by the rules at the top of the header and what its own comment adds. */
static char *expected(int row, enum column column) {
  const struct row *it = &rows[row];
  const char *gives = it->as_meant;
  int handle = takes_handle(row);
  switch (column) {
    case FREED:
    case FOREIGN:
    case RANDOM:
      return text_of("%s", it->flags & OBJECTS ? "exempt" : handle ? "E_INVALID_HANDLE" : "no handle");
    case AFTER_SHUTDOWN: gives = handle ? "E_INVALID_HANDLE" : it->as_meant; break;
    case AFTER_FORK: gives = handle ? "E_FORKED" : it->as_meant; break;
    case INSIDE:
    case INSIDE_WAKEUP: gives = it->inside ? it->inside : it->as_meant; break;
    case INSIDE_LOG: gives = it->flags & PLAIN ? it->as_meant : "E_WOULD_DEADLOCK"; break;
    case CLOSING: gives = it->closing ? it->closing : it->as_meant; break;
    case THREADS:
      gives = it->threads ? it->threads : it->as_meant;
      if (handle) return text_of("%s E_INVALID_HANDLE", gives);
      break;
    default: break;
  }
  return text_of("%s", gives);
}

static void check(int row, enum column column, int32_t status, const char *allowed, const char *what) {
  if (!is_one_of(status, allowed))
    wrong("%s, %s%s%s: %s instead of %s: %s", rows[row].name, column_names[column], *what ? " " : "", what,
          status_text(status), allowed, message());
}

/* One call as it is; the cell says what is allowed there. */
static void plain_cell(int row, enum column column, struct given *g) {
  char *allowed = expected(row, column);
  g->arguments = 0;
  check(row, column, rows[row].call(g), allowed, "");
  free(cells[row][column]);
  cells[row][column] = allowed;
}

/* A refusal has to name the function and the argument. */
static void check_named(int row, enum column column, const char *argument) {
  const char *said = message();
  if (strstr(said, rows[row].name) != said || strstr(said, argument) == NULL)
    wrong("%s, %s: the message does not name %s: %s", rows[row].name, column_names[column], argument, said);
}

static void as_meant(const struct scene *scene) {
  struct given g;
  int row;
  for (row = 0; row < row_count; row++) {
    if (rows[row].flags & LAST) continue;
    give(&g, scene, &rows[row]);
    g.arguments = 0;
    check(row, AS_MEANT, rows[row].call(&g), rows[row].as_meant, "");
    memcpy(takes[row], g.argument, sizeof g.argument);
    takes_count[row] = g.arguments;
    cells[row][AS_MEANT] = text_of("%s", rows[row].as_meant);
    take_back(&g, scene);
  }
}

/* Replaces one argument, calls, and puts it back. */
static int32_t call_with(int row, struct given *g, const char *name, const void *pointer) {
  g->wrong = name;
  g->pointer = pointer;
  g->arguments = 0;
  return rows[row].call(g);
}

static void with_null(const struct scene *scene) {
  struct given g;
  int row, i;
  for (row = 0; row < row_count; row++) {
    char *cell = text_of("%s", "");
    const char *last = NULL;
    for (i = 0; i < takes_count[row]; i++) {
      const struct argument *a = &takes[row][i];
      const char *allowed = "E_NULL_ARG";
      char *longer;
      int32_t status;
      if (a->type == NUMBER) continue;
      if (a->type == OUT_OR_NULL || a->type == TEXT_OR_NULL || (rows[row].flags & FREES))
        allowed = rows[row].inside && !(rows[row].flags & FREES) && strcmp(rows[row].inside, "E_WOULD_DEADLOCK")
                    ? rows[row].inside : rows[row].as_meant;
      if (a->type == OBJECT)
        allowed = strstr(rows[row].name, "_json") ? "\"\"" : strstr(rows[row].name, "_unref") ? "nothing" : "NULL";
      give(&g, scene, &rows[row]);
      status = call_with(row, &g, a->name, NULL);
      check(row, WITH_NULL, status, allowed, a->name);
      if (status == UCWA_E_NULL_ARG) check_named(row, WITH_NULL, a->name);
      take_back(&g, scene);
      /* Arguments that end in the same way stand together. */
      longer = last != NULL && strcmp(last, allowed) == 0 ? text_of("%s, %s", cell, a->name)
                                                          : text_of("%s%s%s: %s", cell, *cell ? "; " : "", allowed, a->name);
      free(cell);
      cell = longer;
      last = allowed;
    }
    if (*cell == 0) snprintf(cell, 64, "no pointer");
    cells[row][WITH_NULL] = cell;
  }
}

static void *freed(enum kind kind, const struct scene *scene) {
  static const struct row any = {"", NULL, FRESH, NULL, NULL, NULL, NULL};
  struct given g;
  give(&g, scene, &any);
  take_back(&g, scene);
  return g.handle[kind];
}

static uint64_t noise = 88172645463325252u;

static uint64_t random_bits(void) {
  noise ^= noise << 13;
  noise ^= noise >> 7;
  noise ^= noise << 17;
  return noise;
}

/* Values that are no handles: small ones, ends, pointers to all sorts of things, noise, and live handles with one bit changed. */
static int tokens(const void **to, const void *live) {
  static const uintptr_t fixed[] = {1, 2, 3, 4, 5, 7, 9, 17, 0xff, 0xffff, 0x7fffffff, 0x80000000u};
  int count = 0, i;
  size_t f;
  for (f = 0; f < sizeof fixed / sizeof *fixed; f++) to[count++] = (const void *)fixed[f];
  to[count++] = (const void *)UINTPTR_MAX;
  to[count++] = (const void *)(UINTPTR_MAX >> 1);
  to[count++] = &count;
  to[count++] = (const char *)&count + 1;
  to[count++] = "a string";
  to[count++] = rows;
  for (i = 0; i < 16; i++) to[count++] = (const void *)(uintptr_t)random_bits();
  for (i = 0; i < (int)sizeof live * 8; i++) {
    const void *changed = (const void *)((uintptr_t)live ^ (uintptr_t)1 << i);
    if (!was_handle(changed)) to[count++] = changed;
  }
  return count;
}

/* Each handle of a call in turn: freed, of another kind, or none at all. */
static void bad_handles(const struct scene *scene) {
  const void *values[128];
  struct given g;
  int row, i, v, count, kind;
  for (row = 0; row < row_count; row++) {
    for (i = 0; i < takes_count[row]; i++) {
      const struct argument *a = &takes[row][i];
      if (a->type != HANDLE) continue;
      give(&g, scene, &rows[row]);
      check(row, FREED, call_with(row, &g, a->name, freed(a->kind, scene)), "E_INVALID_HANDLE", a->name);
      check_named(row, FREED, a->name);
      for (kind = 0; kind < KINDS; kind++) {
        if (kind == (int)a->kind) continue;
        check(row, FOREIGN, call_with(row, &g, a->name, g.handle[kind]), "E_INVALID_HANDLE", a->name);
        check_named(row, FOREIGN, a->name);
      }
      count = tokens(values, g.handle[a->kind]);
      for (v = 0; v < count; v++) {
        check(row, RANDOM, call_with(row, &g, a->name, values[v]), "E_INVALID_HANDLE", a->name);
        check_named(row, RANDOM, a->name);
      }
      /* Nothing of this has touched the right one. */
      g.wrong = NULL;
      g.arguments = 0;
      check(row, RANDOM, rows[row].call(&g), rows[row].inside && strcmp(rows[row].inside, "E_WOULD_DEADLOCK")
            ? rows[row].inside : rows[row].as_meant, "and then as meant");
      take_back(&g, scene);
    }
    cells[row][FREED] = expected(row, FREED);
    cells[row][FOREIGN] = expected(row, FOREIGN);
    cells[row][RANDOM] = expected(row, RANDOM);
  }
}

/* ---- inside callbacks ---- */

struct inside {
  const struct scene *scene;
  struct given given[ROWS];
  ucwa_session *stuck;
  ucwa_op stuck_op;
  ucwa_session *session;
  ucwa_subscription *own;
  ucwa_reader *reader;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int begun, ended;
};

static void say_ended(struct inside *it) {
  pthread_mutex_lock(&it->lock);
  it->ended = 1;
  pthread_cond_broadcast(&it->changed);
  pthread_mutex_unlock(&it->lock);
}

static void wait_ended(struct inside *it) {
  pthread_mutex_lock(&it->lock);
  while (!it->ended) pthread_cond_wait(&it->changed, &it->lock);
  pthread_mutex_unlock(&it->lock);
}

static void all_inside(struct inside *it, enum column column) {
  int row;
  for (row = 0; row < row_count; row++) {
    struct given *g = &it->given[row];
    if (strcmp(rows[row].name, "ucwa_session_wait") == 0) {
      g->handle[SESSION] = it->stuck;
      g->op = it->stuck_op;
    }
    g->waits = 1;
    plain_cell(row, column, g);
  }
}

static void inside_callback(void *data, const ucwa_event *event) {
  struct inside *it = data;
  (void)event;
  if (it->begun) return;
  it->begun = 1;
  all_inside(it, INSIDE);
  if (ucwa_session_free(it->session) != UCWA_OK) wrong("ucwa_session_free in its own callback: %s", message());
  if (ucwa_subscription_free(it->own) != UCWA_OK) wrong("ucwa_subscription_free in its own callback: %s", message());
  if (ucwa_subscription_free(it->own) != UCWA_E_INVALID_HANDLE) wrong("a subscription was freed twice in its own callback");
  say_ended(it);
}

static void inside_wakeup(void *data) {
  struct inside *it = data;
  if (it->begun) return;
  it->begun = 1;
  all_inside(it, INSIDE_WAKEUP);
  if (ucwa_reader_set_wakeup(it->reader, NULL, NULL, NULL) != UCWA_OK) wrong("a wake-up takes itself away: %s", message());
  if (ucwa_reader_free(it->reader) != UCWA_OK) wrong("a wake-up frees its reader: %s", message());
  if (ucwa_session_free(it->session) != UCWA_OK) wrong("ucwa_session_free in a wake-up: %s", message());
  say_ended(it);
}

static void inside_log(void *data, int32_t level, const char *target, const char *text) {
  struct inside *it = data;
  int first;
  (void)level, (void)target, (void)text;
  pthread_mutex_lock(&it->lock);
  first = !it->begun;
  it->begun = 1;
  pthread_mutex_unlock(&it->lock);
  if (!first) return;
  all_inside(it, INSIDE_LOG);
  say_ended(it);
}

static void inside(const struct scene *scene, enum column column) {
  static struct inside all[COLUMNS];
  struct inside *it = &all[column];
  int row;
  it->scene = scene;
  pthread_mutex_init(&it->lock, NULL);
  pthread_cond_init(&it->changed, NULL);
  it->stuck = stuck_session(&it->stuck_op);
  for (row = 0; row < row_count; row++) give(&it->given[row], scene, &rows[row]);
  if (column != INSIDE_LOG) {
    it->session = new_session();
    if (column == INSIDE) {
      it->own = new_subscription(it->session, inside_callback, it, UCWA_MASK_ALL);
    } else {
      it->reader = new_reader();
      if (ucwa_reader_attach(it->reader, it->session) != UCWA_OK) give_up("attach: %s", message());
      count_given(ucwa_reader_set_wakeup(it->reader, inside_wakeup, it, told_destroy));
    }
    if (ucwa_session_close(it->session, NULL) != UCWA_OK) give_up("close: %s", message());
    wait_ended(it);
  } else {
    ucwa_session *talks = new_session();
    int32_t status = ucwa_set_log_callback(UCWA_LOG_TRACE, inside_log, it, told_destroy);
    count_given(status);
    if (status != UCWA_OK || ucwa_session_open(talks, NULL) != UCWA_OK) give_up("open: %s", message());
    wait_ended(it);
    status = ucwa_set_log_callback(UCWA_LOG_ERROR, NULL, NULL, told_destroy);
    count_given(status);
    ucwa_session_free(talks);
  }
  for (row = 0; row < row_count; row++) take_back(&it->given[row], scene);
  ucwa_session_free(it->stuck);
}

/* ---- after fork ---- */

/* In the child: the parent's handles, then its own. */
static void in_child(struct given *given, int to) {
  ucwa_counts counts = UCWA_COUNTS_INIT;
  struct scene scene;
  int32_t statuses[ROWS];
  int row;
  alarm(120);
  if (ucwa_debug_counts(&counts) != UCWA_OK || counts.sessions + counts.configs + counts.readers + counts.threads > 0)
    wrong("a child has something of its parent's");
  for (row = 0; row < row_count; row++) {
    given[row].arguments = 0;
    statuses[row] = rows[row].call(&given[row]);
  }
  open_scene(&scene);
  close_scene(&scene);
  if (ucwa_shutdown(60000) != UCWA_OK) wrong("ucwa_shutdown in a child: %s", message());
  statuses[row_count] = failures;
  if (write(to, statuses, sizeof *statuses * (size_t)(row_count + 1)) < 0) _exit(3);
  _exit(0);
}

static void after_fork(const struct scene *scene) {
  static struct given given[ROWS];
  int32_t statuses[ROWS];
  size_t got = 0, want = sizeof *statuses * (size_t)(row_count + 1);
  int ends[2], row, status, before = failures;
  pid_t child;
  for (row = 0; row < row_count; row++) give(&given[row], scene, &rows[row]);
  fflush(stdout);
  if (pipe(ends) != 0 || (child = fork()) < 0) give_up("no child");
  if (child == 0) in_child(given, ends[1]);
  close(ends[1]);
  while (got < want) {
    ssize_t n = read(ends[0], (char *)statuses + got, want - got);
    if (n <= 0) break;
    got += (size_t)n;
  }
  close(ends[0]);
  waitpid(child, &status, 0);
  if (got < want) {
    wrong("the child of a fork ended early (%d)", status);
  } else {
    if (statuses[row_count] != before) wrong("something was wrong in the child of a fork");
    for (row = 0; row < row_count; row++) {
      char *allowed = expected(row, AFTER_FORK);
      check(row, AFTER_FORK, statuses[row], allowed, "");
      cells[row][AFTER_FORK] = allowed;
    }
  }
  for (row = 0; row < row_count; row++) take_back(&given[row], scene);
}

/* ---- from several threads ---- */

struct crowd {
  int row;
  struct given given;
  pthread_mutex_t lock;
  pthread_cond_t go;
  int ready, started, freed;
};

static void *one_of_many(void *data) {
  struct crowd *crowd = data;
  struct given g = crowd->given;
  char *allowed = expected(crowd->row, THREADS);
  int i;
  pthread_mutex_lock(&crowd->lock);
  crowd->ready++;
  pthread_cond_broadcast(&crowd->go);
  while (!crowd->started) pthread_cond_wait(&crowd->go, &crowd->lock);
  pthread_mutex_unlock(&crowd->lock);
  for (i = 0; i < rounds; i++) {
    int32_t status;
    g.arguments = 0;
    status = rows[crowd->row].call(&g);
    check(crowd->row, THREADS, status, allowed, "");
    if (status == UCWA_OK && rows[crowd->row].flags & FREES) {
      pthread_mutex_lock(&crowd->lock);
      crowd->freed++;
      pthread_mutex_unlock(&crowd->lock);
    }
    if (status == UCWA_E_INVALID_HANDLE) break;
  }
  free(allowed);
  return NULL;
}

static void threads_cell(int row) {
  static const struct row none = {"", NULL, 0, NULL, NULL, NULL, NULL};
  struct scene scene;
  struct crowd crowd;
  pthread_t threads[THREADS_AT_ONCE];
  int i, is_wait = strcmp(rows[row].name, "ucwa_session_wait") == 0;
  int32_t status = UCWA_E_INVALID_HANDLE;
  memset(&crowd, 0, sizeof crowd);
  crowd.row = row;
  pthread_mutex_init(&crowd.lock, NULL);
  pthread_cond_init(&crowd.go, NULL);
  open_scene(&scene);
  give(&crowd.given, &scene, rows[row].flags & (FRESH | OBJECTS) ? &rows[row] : &none);
  if (is_wait) crowd.given.handle[SESSION] = stuck_session(&crowd.given.op);
  crowd.given.waits = 1;
  for (i = 0; i < THREADS_AT_ONCE; i++)
    if (pthread_create(&threads[i], NULL, one_of_many, &crowd) != 0) give_up("no thread");
  pthread_mutex_lock(&crowd.lock);
  while (crowd.ready < THREADS_AT_ONCE) pthread_cond_wait(&crowd.go, &crowd.lock);
  crowd.started = 1;
  pthread_cond_broadcast(&crowd.go);
  pthread_mutex_unlock(&crowd.lock);
  for (i = 0; i < (int)(random_bits() % 40); i++) sched_yield();
  if (rows[row].flags & FREES) {
    struct given g = crowd.given;
    status = rows[row].call(&g);
    check(row, THREADS, status, "OK E_INVALID_HANDLE", "once more");
  } else if (takes_handle(row)) {
    ucwa_config_free(crowd.given.handle[CONFIG]);
    ucwa_session_free(crowd.given.handle[SESSION]);
    ucwa_reader_free(crowd.given.handle[READER]);
    ucwa_subscription_free(crowd.given.handle[SUBSCRIPTION]);
  }
  for (i = 0; i < THREADS_AT_ONCE; i++) pthread_join(threads[i], NULL);
  if (rows[row].flags & FREES && crowd.freed + (status == UCWA_OK) != 1)
    wrong("%s: %d of nine callers have freed it", rows[row].name, crowd.freed + (status == UCWA_OK));
  take_back(&crowd.given, &scene);
  ucwa_session_free(scene.session);
  ucwa_config_free(scene.config);
  cells[row][THREADS] = expected(row, THREADS);
}

/* ---- during close, after shutdown ---- */

static void during_close(struct scene *scene) {
  static struct given given[ROWS];
  char *fault;
  int row;
  int32_t state = -1;
  for (row = 0; row < row_count; row++) give(&given[row], scene, &rows[row]);
  /* Long enough for all the calls, also where each takes ten times as long. */
  fault = text_of("{\"name\":\"slow\",\"method\":\"DELETE\",\"path\":\"/applications/\",\"count\":null,"
                  "\"does\":{\"delay\":{\"ms\":%d}}}", rounds < 10 ? 12000 : 4000);
  control("POST", "faults", fault);
  free(fault);
  if (ucwa_session_close(scene->session, NULL) != UCWA_OK) give_up("close: %s", message());
  wait_for_state(scene->session, UCWA_STATE_CLOSING);
  for (row = 0; row < row_count; row++) {
    if (rows[row].flags & LAST) continue;
    /* Of those that want a session that was not opened, the closing one is what this column is about. */
    if (rows[row].flags & FRESH && !(rows[row].flags & FREES)) given[row].handle[SESSION] = scene->session;
    plain_cell(row, CLOSING, &given[row]);
  }
  if (ucwa_session_state(scene->session, &state) != UCWA_OK || state != UCWA_STATE_CLOSING)
    wrong("the session was to close slowly, and is in state %d", state);
  if (ucwa_session_free(scene->session) != UCWA_OK) wrong("ucwa_session_free during close: %s", message());
  for (row = 0; row < row_count; row++)
    if (rows[row].flags & LAST) plain_cell(row, CLOSING, &given[row]);
  control("DELETE", "faults", "");
  /* Shut down above: only events and rosters are left. */
  for (row = 0; row < row_count; row++) take_back(&given[row], scene);
}

static void after_shutdown(void) {
  static struct given given[ROWS];
  struct scene scene;
  int row;
  open_scene(&scene);
  for (row = 0; row < row_count; row++) give(&given[row], &scene, &rows[row]);
  for (row = 0; row < row_count; row++)
    if (rows[row].flags & LAST) plain_cell(row, AS_MEANT, &given[row]);
  for (row = 0; row < row_count; row++) {
    plain_cell(row, AFTER_SHUTDOWN, &given[row]);
    take_back(&given[row], &scene);
  }
}

void run_columns(void) {
  struct scene scene;
  int row;
  open_scene(&scene);
  as_meant(&scene);
  close_scene(&scene);
  open_scene(&scene);
  with_null(&scene);
  bad_handles(&scene);
  close_scene(&scene);
  open_scene(&scene);
  inside(&scene, INSIDE);
  inside(&scene, INSIDE_WAKEUP);
  inside(&scene, INSIDE_LOG);
  after_fork(&scene);
  during_close(&scene);
  for (row = 0; row < row_count; row++) threads_cell(row);
  after_shutdown();
}
