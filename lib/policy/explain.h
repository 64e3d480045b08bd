/* SPDX-License-Identifier: BSD-3-Clause */
/* A policy in words, for who has to answer for it. */
#ifndef RF_POLICY_EXPLAIN_H
#define RF_POLICY_EXPLAIN_H

#include "policy/policy.h"

/* One sentence or two a rule, a line each. The caller frees it. NULL: no memory. */
char *rf_policy_explain(const struct rf_policy *policy);

#endif
