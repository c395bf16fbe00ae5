/* SPDX-License-Identifier: GPL-2.0 */
/* For the fuzz targets: what main.c has. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cxl/libcxl.h>

#include "../../src/config.h"
#include "../../src/json.h"
#include "../../src/messages.h"
#include "../../src/options.h"
#include "../../lib/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

bool verbose;

struct daxctl_ctx *fresh_context(void)
{
	return NULL;
}

struct cxl_ctx *fresh_cxl_context(void)
{
	struct cxl_ctx *ctx;

	if (cxl_new(&ctx))
		abort();
	cxl_set_log_priority(ctx, 0);
	return ctx;
}

/* What the command says is not what libFuzzer says: that has its own stderr. */
static void be_quiet(void)
{
	stderr = fopen("/dev/null", "we");
	if (!stderr)
		abort();
}
