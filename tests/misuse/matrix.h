/* The misuse matrix: every exported function, called in every wrong way that the header speaks of. */

#ifndef MISUSE_MATRIX_H
#define MISUSE_MATRIX_H

#include <stdint.h>
#include <stdio.h>
#include <ucwa.h>

/* ---- what a call is given ---- */

enum kind { CONFIG, SESSION, READER, SUBSCRIPTION, KINDS };

enum type { HANDLE, TEXT, TEXT_OR_NULL, BYTES, OUT, OUT_OR_NULL, CALLBACK, OBJECT, NUMBER };

/* Which numbers are refused, and how. Everything else is as good as the right one. */
enum rule {
  ANY,      /* any value will do */
  ID,       /* 0: E_INVALID_ARG; an unknown one: E_NOT_FOUND */
  ONE_TO_5, /* others: E_INVALID_ARG */
  ONE_TO_9, /* others: E_INVALID_ARG */
  ONE_TO_4, /* others: E_INVALID_ARG */
  ONE_OR_2, /* others: E_INVALID_ARG */
  MODALITY, /* unknown bits: E_INVALID_ARG */
  SIZE,     /* below that of the struct: E_INVALID_ARG */
  ZERO,     /* others: E_INVALID_ARG */
  EXPIRY    /* 0 or in the future; others: E_INVALID_ARG */
};

struct argument {
  const char *name;
  const char *also; /* how messages may call it, too */
  enum type type;
  enum kind kind;
  const char *takes; /* TEXT: which bad texts are fine here: e(mpty) l(ong) c(ontrol) q(uotes) */
  enum rule rule;
  int64_t good;
  int bits; /* NUMBER */
};

enum { ARGUMENTS = 12 };

/* One call: the handles and ids that it uses, and at most one argument that is another than it should be. */
struct given {
  void *handle[KINDS];
  ucwa_op op;
  ucwa_conversation_id conversation, spare;
  ucwa_participant_id participant;
  ucwa_invitation_id invitation;
  const ucwa_event *event;
  const ucwa_roster *roster;
  int waits; /* give functions that may wait a reason to wait */

  const char *wrong; /* the name of that argument */
  const void *pointer;
  int64_t number;

  struct argument argument[ARGUMENTS]; /* written by the call: what it takes */
  int arguments;
};

/* ---- what a call gives: a ucwa_status, or, for those that have none, one of these ---- */

enum { GAVE_NULL = 1000, GAVE_EMPTY, GAVE_VALUE, GAVE_NOTHING };

const char *status_text(int32_t status);
/* Whether the status is one of the words in the list, "OK E_CLOSED". */
int is_one_of(int32_t status, const char *list);
/* The calling thread's message. */
const char *message(void);

/* ---- the table ---- */

enum {
  FREES = 1,  /* takes the handle with it */
  FRESH = 2,  /* wants a session that was not opened */
  LAST = 4,   /* leaves nothing behind: after all others */
  PLAIN = 8,  /* gives no status, so it can not refuse anything */
  OBJECTS = 16 /* of an event or a roster */
};

struct row {
  const char *name;
  int32_t (*call)(struct given *g);
  int flags;
  const char *as_meant, *inside, *threads, *closing; /* NULL: as usual, see expected() */
};

extern const struct row rows[];
extern const int row_count;

/* ---- columns ---- */

enum column {
  AS_MEANT, WITH_NULL, FREED, FOREIGN, RANDOM, AFTER_SHUTDOWN, AFTER_FORK, INSIDE, INSIDE_WAKEUP, INSIDE_LOG, THREADS, CLOSING, COLUMNS
};

extern const char *const column_names[COLUMNS];
extern char *cells[][COLUMNS];

void run_columns(void);
void run_bad_input(FILE *to);
void run_levels(void);
void run_walk(unsigned seed, int steps);
/* Forks while others walk. */
void run_forks(unsigned seed, int children);

/* How often things are done that are done often. */
extern int rounds;

/* ---- a failed expectation: told, counted, and the program goes on ---- */

extern int failures;
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Something without which nothing can go on. */
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The locks of this program are free in a child. */
void forks_are_fine(void);

char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The destroy function of all callbacks, and how often it has to run. */
void told_destroy(void *unused);
void count_given(int32_t status);
void check_destroyed(void);

/* ---- the stage: sessions with a simulator ---- */

extern const char *root_url;

struct scene {
  ucwa_config *config;
  ucwa_session *session;
  ucwa_op op;
  ucwa_conversation_id conversation, spare;
  ucwa_participant_id participant;
  ucwa_invitation_id invitation;
};

ucwa_config *bare_config(void); /* without a password */
ucwa_config *new_config(void);
ucwa_session *new_session(void);
ucwa_reader *new_reader(void);
ucwa_subscription *new_subscription(ucwa_session *session, ucwa_event_cb cb, void *data, uint64_t mask);
/* Where somebody listens who never answers. */
int silent_port(void);
/* A session that signs in for ever, and its operation. */
ucwa_session *stuck_session(ucwa_op *op);
/* Online, in two meetings, with somebody in the first and an invitation that nobody answers. */
void open_scene(struct scene *scene);
void close_scene(struct scene *scene);
/* Fresh handles of the other kinds to go with it, for one call of a row. */
void give(struct given *g, const struct scene *scene, const struct row *row);
/* Frees what give() made and the call has not freed. */
void take_back(struct given *g, const struct scene *scene);
/* Tells the simulator's control API. */
void control(const char *method, const char *path, const char *body);
void wait_for_state(ucwa_session *session, int32_t state);
/* Whether some handle has ever had this value. */
int was_handle(const void *value);
void made_handle(const void *value);

void pause_ms(int ms);

#endif
