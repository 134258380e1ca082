/* SPDX-License-Identifier: Apache-2.0
 *
 * compare: compares a stored run with a reference. Front door of the room; stored_run.h is the view of a run that the
 * tables of report/ use, too. The room prints nothing: report/ turns verdicts into text.
 */
#ifndef MB_COMPARE_COMPARE_H
#define MB_COMPARE_COMPARE_H

#include "compare/stored_run.h"
#include "judge/judge.h"

/* Reads the values of every row of a reference from a run, and judges them. *ret_verdicts: [reference->n_rows], in the
 * order of the rows, on the run's arena. `missing`: a share of animals, 0 .. 1. A verdict is "missing", with the
 * reason, when the run does not have the cohort, metric, site or age of the row, when the row names no site and the run
 * has several, or when a cohort lacks more than `missing` of its animals (not stored, or failed). Errors: ERR_STORE. */
MUST_CHECK bool verdicts_read(const StoredRun *run, const Reference *reference, double missing,
                              const Verdict **ret_verdicts, Err *reterr);

#endif
