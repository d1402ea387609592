/* A level-triggered handle is never signalled while there is nothing to read. */

#include "matrix.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static int signalled(int64_t fd, int timeout_ms) {
  struct pollfd at = {(int)fd, POLLIN, 0};
  return poll(&at, 1, timeout_ms) == 1;
}

static int64_t handle_of(ucwa_reader *reader) {
  int64_t fd = -1;
  if (ucwa_reader_wait_handle(reader, &fd) != UCWA_OK) give_up("wait_handle: %s", message());
  return fd;
}

/* The only one who reads it, so what is signalled is there. */
static int32_t take(ucwa_reader *reader, int64_t fd, const char *where) {
  const ucwa_event *event = NULL;
  int was = signalled(fd, 0);
  int32_t status = ucwa_reader_next(reader, 0, &event);
  ucwa_event_unref(event);
  if (was && status == UCWA_NO_EVENT) wrong("%s: the handle was signalled and nothing was there", where);
  if (!was && status == UCWA_OK && !signalled(fd, 0)) return status;
  return status;
}

static void *stir(void *data) {
  const struct scene *scene = data;
  int i;
  for (i = 0; i < rounds; i++) {
    ucwa_op op;
    if (ucwa_meeting_start(scene->session, NULL, &op) != UCWA_OK) break;
    ucwa_session_wait(scene->session, op, 60000, NULL, NULL);
  }
  ucwa_session_close(scene->session, NULL);
  return NULL;
}

void run_levels(void) {
  ucwa_reader *reader = new_reader(), *picky = NULL;
  struct scene scene;
  pthread_t stirs;
  int64_t fd = handle_of(reader), picky_fd;
  long events = 0;
  int32_t status, picky_status;
  open_scene(&scene);
  if (signalled(fd, 0)) wrong("a new reader is signalled");
  if (ucwa_reader_new(UCWA_MASK(UCWA_EVENT_RAW), 1, &picky) != UCWA_OK) give_up("%s", message());
  picky_fd = handle_of(picky);
  ucwa_reader_attach(reader, scene.session);
  ucwa_reader_attach(picky, scene.session);
  if (signalled(fd, 0) && take(reader, fd, "just attached") != UCWA_OK) wrong("an idle reader is signalled");
  if (pthread_create(&stirs, NULL, stir, &scene) != 0) give_up("no thread");
  /* As a loop would: sleeps on the handle, takes what is there, looks again. */
  do {
    if (!signalled(fd, 60000)) give_up("the handle is never signalled");
    if (signalled(picky_fd, 0)) {
      picky_status = take(picky, picky_fd, "a reader of nothing");
      if (picky_status != UCWA_E_CLOSED) wrong("a reader of nothing is signalled");
    }
    status = take(reader, fd, "while events come");
    events += status == UCWA_OK;
  } while (status != UCWA_E_CLOSED);
  pthread_join(stirs, NULL);
  if (events < rounds) wrong("only %ld events came", events);
  if (!signalled(fd, 0)) wrong("the end is not signalled");
  /* Readers are told one after the other. */
  if (!signalled(picky_fd, 60000)) wrong("the end is never signalled to a reader of nothing");
  if (take(reader, fd, "at the end") != UCWA_E_CLOSED) wrong("the end is not the end");
  close_scene(&scene);
  /* Another session: it waits again, and when that is taken away it still does. */
  open_scene(&scene);
  ucwa_reader_attach(reader, scene.session);
  while (take(reader, fd, "attached again") == UCWA_OK) {}
  ucwa_reader_detach(reader, scene.session);
  if (signalled(fd, 0)) wrong("a detached reader is signalled");
  if (take(reader, fd, "detached") != UCWA_NO_EVENT) wrong("a detached reader has something");
  ucwa_reader_free(reader);
  if (!signalled(fd, 0)) wrong("a freed reader is not signalled");
  close((int)fd);
  ucwa_reader_free(picky);
  close((int)picky_fd);
  close_scene(&scene);
}
