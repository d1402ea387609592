/* Any function in any order with any arguments. */

#include "matrix.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Every status that a call may give when nothing is known of the moment. */
static const char *const any_status =
  "OK NO_EVENT E_NULL_ARG E_INVALID_ARG E_INVALID_HANDLE E_WRONG_STATE E_CLOSED E_TIMEOUT E_NOT_FOUND E_NOT_ALLOWED "
  "E_CREDENTIALS_NEEDED value \"\" NULL nothing";

enum { POOL = 6 };

static uint64_t state;

static uint64_t bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static int below(int n) { return (int)(bits() >> 33) % n; }

static void nothing(void *data, const ucwa_event *event) { (void)data, (void)event; }

static void *pool[KINDS][POOL];

/* Something new in the place of something old, which may be freed or not: stale handles stay in the pool. */
static void renew(enum kind kind) {
  int at = below(POOL);
  void *old = pool[kind][at], *fresh = NULL;
  switch (kind) {
    case CONFIG: ucwa_config_free(old), fresh = new_config(); break;
    case SESSION: ucwa_session_free(old), fresh = new_session(); break;
    case READER: ucwa_reader_free(old), fresh = new_reader(); break;
    default: {
      ucwa_subscription *made = NULL;
      ucwa_subscription_free(old);
      if (ucwa_session_subscribe(pool[SESSION][below(POOL)], bits(), nothing, NULL, told_destroy, &made) ==
          UCWA_OK)
        count_given(UCWA_OK);
      fresh = made;
    }
  }
  made_handle(fresh);
  pool[kind][at] = fresh;
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
  if (a->type == HANDLE) g->pointer = below(2) ? pool[below(KINDS)][below(POOL)] : (void *)(uintptr_t)bits();
  if (a->type == TEXT || a->type == TEXT_OR_NULL || a->type == BYTES)
    g->pointer = below(8) ? words[below(sizeof words / sizeof *words)] : NULL;
  if (a->type == OUT || a->type == OUT_OR_NULL) g->pointer = strcmp(a->name, "tag") == 0 ? room : NULL;
  /* Nothing is waited for longer than this. */
  if (strcmp(a->name, "timeout_ms") == 0) g->number = below(3);
}

void run_walk(unsigned seed, int steps) {
  struct argument takes[128][ARGUMENTS];
  int count[128] = {0}, step, kind, i;
  fprintf(stderr, "seed %u\n", seed);
  state = seed * 2654435769u + 88172645463325252u;
  for (i = 0; i < POOL * 4; i++)
    for (kind = 0; kind < KINDS; kind++)
      if (kind == SUBSCRIPTION || pool[kind][i % POOL] == NULL) renew(kind);
  for (step = 0; step < steps; step++) {
    struct given g;
    int row = below(row_count);
    int32_t status;
    /* A shutdown makes everything stale: now and then. */
    if (rows[row].flags & LAST && below(10)) continue;
    if (below(4) == 0) renew(below(KINDS));
    memset(&g, 0, sizeof g);
    for (kind = 0; kind < KINDS; kind++) g.handle[kind] = pool[kind][below(POOL)];
    g.op = (ucwa_op)below(5);
    g.conversation = g.spare = (uint64_t)below(4);
    g.participant = (uint64_t)below(4);
    g.invitation = (uint64_t)below(4);
    if (count[row] > 0 && below(2)) spoil(&g, &takes[row][below(count[row])]);
    status = rows[row].call(&g);
    memcpy(takes[row], g.argument, sizeof g.argument);
    count[row] = g.arguments;
    if (!is_one_of(status, any_status))
      wrong("step %d of seed %u: %s, %s: %s: %s", step, seed, rows[row].name, g.wrong ? g.wrong : "as it is",
            status_text(status), message());
  }
  for (i = 0; i < POOL; i++) {
    ucwa_config_free(pool[CONFIG][i]);
    ucwa_session_free(pool[SESSION][i]);
    ucwa_reader_free(pool[READER][i]);
    ucwa_subscription_free(pool[SUBSCRIPTION][i]);
  }
}
