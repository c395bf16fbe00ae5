/* SPDX-License-Identifier: GPL-2.0 */
/* For the unit tests: what main.c has, and what was said on stderr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/config.h"
#include "../../src/json.h"
#include "../../src/messages.h"
#include "../../src/options.h"
#include "../../lib/private.h"

bool verbose;

struct daxctl_ctx *fresh_context(void)
{
	return NULL;
}

struct cxl_ctx *fresh_cxl_context(void)
{
	return NULL;
}

static FILE *real_stderr;
static char *said;
static size_t said_len;

/* glibc's stderr can be set. */
__attribute__((unused))
static void listen(void)
{
	real_stderr = stderr;
	stderr = open_memstream(&said, &said_len);
}

/* Returns what was said since; the caller frees it. */
__attribute__((unused))
static char *heard(void)
{
	fclose(stderr);
	stderr = real_stderr;
	return said;
}
