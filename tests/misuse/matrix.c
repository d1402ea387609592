/* Runs everything and writes docs/MISUSE.md to standard output; what is wrong goes to standard error. See main.rs.
 *
 *   matrix ROOT_URL ROUNDS STEPS SEED */

#include "matrix.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void write_matrix(void) {
  int row, column;
  printf("| function |");
  for (column = 0; column < COLUMNS; column++) printf(" %s |", column_names[column]);
  printf("\n|---|");
  for (column = 0; column < COLUMNS; column++) printf("---|");
  printf("\n");
  for (row = 0; row < row_count; row++) {
    printf("| `%s` |", rows[row].name);
    for (column = 0; column < COLUMNS; column++) printf(" %s |", cells[row][column] ? cells[row][column] : "?");
    printf("\n");
  }
}

static const char *const beginning =
  "# Misuse\n"
  "\n"
  "What every exported function gives when it is called in a wrong way. This document is written by the test itself\n"
  "(`make misuse-doc`, tests/misuse), which makes each of these calls in a C program and fails when a status is\n"
  "another than the one that stands here; `make test` compares the document with what the program writes.\n"
  "`make misuse-memcheck` does the same under valgrind, `make misuse-asan` with library and program under\n"
  "AddressSanitizer.\n"
  "\n"
  "Statuses stand without their `UCWA_`. Several in a cell: any of them, as the moment will have it. `value`, `NULL`,\n"
  "`\"\"`, `nothing`: what a function gives that has no status.\n"
  "\n"
  "- **as meant**: in a session that is online, in a meeting, with the right arguments; for comparison.\n"
  "- **NULL**: each pointer in turn. The message names the function and the argument.\n"
  "- **freed**, **foreign kind**, **random token**: each handle in turn; a live handle of each of the other three kinds;\n"
  "  small numbers, pointers to other things, noise, and live handles with any one bit changed. `exempt`: events and\n"
  "  rosters are real objects and not checked, so that reading them costs nothing (see `objects` at the top of\n"
  "  `ucwa.h`). `no handle`: the function takes none.\n"
  "- **after shutdown**: handles made before `ucwa_shutdown()`.\n"
  "- **after fork**: in the child, with the parent's handles. The child then signs in with handles of its own.\n"
  "- **inside a callback** of a subscription, **inside a wake-up**, **inside a log callback**: functions that may wait have a reason to.\n"
  "- **from 8 threads at once, freed meanwhile**: eight threads call it over and over with one set of handles, which a\n"
  "  ninth frees. Of the functions that free, exactly one caller of the nine gets `OK`.\n"
  "- **during close**: with a session that is closing and whose server takes its time.\n"
  "\n";

static const char *const between =
  "\n"
  "## Bad input\n"
  "\n"
  "Each text and each number in turn, all else as it is meant. A refusal names the function and the argument, and says\n"
  "why. Texts: empty, not UTF-8, a MiB long, with control characters, with quotes of all sorts. Numbers: the least and the\n"
  "greatest of the type, -1, 0, 1, 6, 99 and a great one. A place for a result that is not aligned, and a length beyond all\n"
  "memory, are E_INVALID_ARG everywhere.\n"
  "\n";

static const char *const ending =
  "\n"
  "## Also\n"
  "\n"
  "- A subscription that its own callback frees, with its session: `OK`, and freed only once.\n"
  "- A wait handle is never signalled while `ucwa_reader_next()` has nothing to give: looked at after each event while events\n"
  "  come, for a new, an idle, a detached, a closed and a freed reader.\n"
  "- Any function in any order with any arguments, from four threads at once, some thousand calls by a seed (`SEED=`\n"
  "  takes another): never a crash, always a status of this document.\n"
  "- Children forked while four threads do all that: the parent's handles are E_FORKED, and each signs in with its own.\n"
  "- Questions for credentials answered with all sorts of tokens and times: the session ends with a reason.\n"
  "- Every destroy function runs exactly once for each successful call that took user data; after the last shutdown\n"
  "  nothing is left: no handle, no object, no thread, no file descriptor.\n";

/* How many entries a directory of /proc has; -1 where there is none. */
static int entries(const char *path) {
  DIR *at = opendir(path);
  int count = 0;
  if (at == NULL) return -1;
  while (readdir(at) != NULL) count++;
  closedir(at);
  return count;
}

static void nothing_left(int descriptors, int threads) {
  ucwa_counts c = UCWA_COUNTS_INIT;
  count_given(ucwa_set_log_callback(UCWA_LOG_ERROR, NULL, NULL, told_destroy));
  if (ucwa_shutdown(60000) != UCWA_OK) wrong("the last shutdown: %s", message());
  if (ucwa_debug_counts(&c) != UCWA_OK) wrong("the counts: %s", message());
  if (c.configs + c.sessions + c.readers + c.subscriptions + c.events + c.rosters + c.threads != 0)
    wrong("left: %u configs, %u sessions, %u readers, %u subscriptions, %u events, %u rosters, %u threads", c.configs,
          c.sessions, c.readers, c.subscriptions, c.events, c.rosters, c.threads);
  if (entries("/proc/self/fd") != descriptors)
    wrong("%d file descriptors after the matrix, %d at the end", descriptors, entries("/proc/self/fd"));
  if (entries("/proc/self/task") != threads)
    wrong("%d threads after the matrix, %d at the end", threads, entries("/proc/self/task"));
  check_destroyed();
}

/* Which library this is, for who started us. */
static void tell_library(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[4096], *path;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    if (strstr(line, "libucwa") != NULL && (path = strchr(line, '/')) != NULL) {
      fprintf(stderr, "library %s", path);
      break;
    }
  if (maps != NULL) fclose(maps);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  double begun = seconds(), columns, input, levels, forks;
  int cell = 0, row, column, descriptors, threads;
  if (argc != 5) give_up("matrix ROOT_URL ROUNDS STEPS SEED");
  root_url = argv[1];
  rounds = atoi(argv[2]);
  control("POST", "people", "{\"uri\":\"sip:ana@contoso.com\",\"name\":\"Ana\",\"joins_messaging\":true,"
                            "\"behaviour\":{\"answer\":\"accept\",\"after_ms\":0}}");
  forks_are_fine();
  tell_library();
  run_columns();
  /* That ends with a shutdown; what is made once for a process is there by now. */
  descriptors = entries("/proc/self/fd");
  threads = entries("/proc/self/task");
  columns = seconds();
  fputs(beginning, stdout);
  write_matrix();
  fputs(between, stdout);
  run_bad_input(stdout);
  input = seconds();
  fputs(ending, stdout);
  run_levels();
  levels = seconds();
  run_forks((unsigned)strtoul(argv[4], NULL, 0), 1 + rounds / 4);
  forks = seconds();
  run_walk((unsigned)strtoul(argv[4], NULL, 0), atoi(argv[3]));
  nothing_left(descriptors, threads);
  for (row = 0; row < row_count; row++)
    for (column = 0; column < COLUMNS; column++) {
      cell += cells[row][column] != NULL;
      free(cells[row][column]);
    }
  fprintf(stderr, "%d functions, %d cells; seconds: matrix %.1f, bad input %.1f, levels %.1f, forks %.1f, walk %.1f; %d wrong\n", row_count,
          cell, columns - begun, input - columns, levels - input, forks - levels, seconds() - forks, failures);
  return failures != 0;
}
