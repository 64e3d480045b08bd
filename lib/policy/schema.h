/* SPDX-License-Identifier: BSD-3-Clause */
/* The JSON schema of policy files, for editors: made from the keys. */
#ifndef RF_POLICY_SCHEMA_H
#define RF_POLICY_SCHEMA_H

#include <jansson.h>

/* The caller's. NULL: no memory. */
json_t *rf_policy_schema(void);

#endif
