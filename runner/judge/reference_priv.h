/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: the tables of keys that the loader of references reads by.
 */
#ifndef MB_JUDGE_REFERENCE_PRIV_H
#define MB_JUDGE_REFERENCE_PRIV_H

#include "judge/reference.h"

extern const FieldTable fields_of_reference, fields_of_row, fields_of_at, fields_of_versus, fields_of_band,
    fields_of_sign;

#endif
