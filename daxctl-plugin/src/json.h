/* SPDX-License-Identifier: GPL-2.0 */
/* JSON in the habits of daxctl. */
#ifndef _DAXCTL_MEMMAP_JSON_H_
#define _DAXCTL_MEMMAP_JSON_H_

#include <stdint.h>
#include <json-c/json.h>
#include <daxctl/libdaxctl-memmap.h>

#define JSON_HUMAN 1

struct json_object *json_size(uint64_t bytes, unsigned long flags);
void json_add(struct json_object *object, const char *key, struct json_object *value);
void json_add_string(struct json_object *object, const char *key, const char *value);
struct json_object *json_device(struct daxctl_memmap *memmap, unsigned long flags);
void json_plan_figures(struct json_object *object,
		       const struct daxctl_memmap_plan *plan, unsigned long flags);
/* An array; with JSON_HUMAN, what is alone in it. Consumes @array. */
void json_print(struct json_object *array, unsigned long flags);

#endif
