/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between SUNDIALS 6.4 (Debian 12) and 7.x, in one place:
 *   the communicator of a context   NULL                    SUN_COMM_NULL
 *   booleans in callbacks           booleantype             sunbooleantype     (both are int)
 *   catching messages               CVodeSetErrHandlerFn    SUNContext_PushErrHandler
 *   where the errors are declared   cvode.h                 sundials/sundials_errors.h
 * Include it before base/base.h: SUNDIALS brings stdlib.h, some of whose names base.h forbids.
 */
#ifndef MB_SOLVE_SUNDIALS_COMPAT_H
#define MB_SOLVE_SUNDIALS_COMPAT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cvode/cvode.h>
#include <cvode/cvode_ls.h>
#include <sundials/sundials_config.h>
#include <sundials/sundials_context.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>
#include <sundials/sundials_nvector.h>
#include <sundials/sundials_types.h>

/* Lanes are doubles: a SUNDIALS built for another precision cannot be used. */
#ifndef SUNDIALS_DOUBLE_PRECISION
#error "SUNDIALS must be built for double precision"
#endif

/* The last thing SUNDIALS complained about; its warnings are left out. */
typedef struct CompatMessage {
    char text[256];
} CompatMessage;

static inline void compat_keep(CompatMessage *message, int code, const char *text)
{
    if (code < 0 && text != NULL)
        snprintf(message->text, sizeof message->text, "%s", text);
}

#if SUNDIALS_VERSION_MAJOR >= 7

typedef sunbooleantype CompatBool;

static inline void compat_caught(int line, const char *function, const char *file, const char *text, SUNErrCode code,
                                 void *message, SUNContext context)
{
    (void)line, (void)function, (void)file, (void)context;
    compat_keep(message, code, text);
}

/* Not 0 when it fails. Handlers stack up and the first one prints: it goes. */
static inline int compat_context_open(SUNContext *ret_context, CompatMessage *message)
{
    int code = SUNContext_Create(SUN_COMM_NULL, ret_context);
    if (code == 0)
        code = SUNContext_ClearErrHandlers(*ret_context);
    return code != 0 ? code : SUNContext_PushErrHandler(*ret_context, compat_caught, message);
}

/* Not 0 when it fails. */
static inline int compat_catch_messages(void *cvode, CompatMessage *message)
{
    (void)cvode, (void)message; /* the context does it */
    return 0;
}

#else

typedef booleantype CompatBool;

static inline void compat_caught(int code, const char *module, const char *function, char *text, void *message)
{
    (void)module, (void)function;
    compat_keep(message, code, text);
}

static inline int compat_context_open(SUNContext *ret_context, CompatMessage *message)
{
    (void)message; /* each CVODE does it */
    return SUNContext_Create(NULL, ret_context);
}

static inline int compat_catch_messages(void *cvode, CompatMessage *message)
{
    return CVodeSetErrHandlerFn(cvode, compat_caught, message);
}

#endif
#endif
