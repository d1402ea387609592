/* As much of windows.h as docs/C-API.md uses, with its own types. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ucwa.h"

typedef void *HANDLE;
typedef struct HWND__ *HWND;
typedef int BOOL;
typedef unsigned int UINT;
typedef unsigned int DWORD;
typedef int LONG;
typedef uintptr_t WPARAM;
typedef intptr_t LPARAM;
typedef intptr_t LRESULT;
typedef struct {
    LONG x, y;
} POINT;
typedef struct {
    HWND hwnd;
    UINT message;
    WPARAM wParam;
    LPARAM lParam;
    DWORD time;
    POINT pt;
} MSG;
#define FALSE 0
#define TRUE 1
#define INFINITE 0xFFFFFFFFU
#define WAIT_OBJECT_0 0U
#define QS_ALLINPUT 0x04FFU
#define PM_REMOVE 0x0001U
#define WM_QUIT 0x0012U
#define WM_APP 0x8000
BOOL PostMessageW(HWND window, UINT message, WPARAM w, LPARAM l);
BOOL PeekMessageW(MSG *message, HWND window, UINT first, UINT last, UINT remove);
BOOL TranslateMessage(const MSG *message);
LRESULT DispatchMessageW(const MSG *message);
DWORD MsgWaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL all, DWORD ms, DWORD wake_mask);
BOOL CloseHandle(HANDLE handle);
void OutputDebugStringA(const char *text);
