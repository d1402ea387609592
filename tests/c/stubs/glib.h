/* As much of GLib as docs/C-API.md uses, with GLib's own declarations. */
#include "plain.h"

typedef int gint;
typedef gint gboolean;
typedef unsigned int guint;
typedef void *gpointer;
typedef char gchar;
typedef enum { G_IO_IN = 1, G_IO_OUT = 4, G_IO_PRI = 2, G_IO_ERR = 8, G_IO_HUP = 16, G_IO_NVAL = 32 } GIOCondition;
typedef gboolean (*GUnixFDSourceFunc)(gint fd, GIOCondition condition, gpointer user_data);
#define FALSE (0)
#define TRUE (!FALSE)
#define G_SOURCE_REMOVE FALSE
#define G_SOURCE_CONTINUE TRUE
guint g_unix_fd_add(gint fd, GIOCondition condition, GUnixFDSourceFunc function, gpointer user_data);
void g_message(const gchar *format, ...) __attribute__((format(printf, 1, 2)));
