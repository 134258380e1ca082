/* SPDX-License-Identifier: Apache-2.0
 *
 * compare: a stored run against a reference. Front door of the room; stored_run.h is the view of a run that tables
 * share with it. Prints nothing: report/ turns verdicts into text.
 */
#ifndef MB_COMPARE_COMPARE_H
#define MB_COMPARE_COMPARE_H

#include "compare/stored_run.h"
#include "judge/judge.h"

/* Reads the values of every row of a reference from a run and judges them; verdicts[reference->n_rows], in its order,
 * on the run's arena. A verdict is missing, with the reason, when the run does not hold the row's cohort, metric, site
 * or age, when the row names no site and the run has several, and when a cohort lacks more than the share `missing` of
 * its animals. Errors: ERR_STORE. */
MUST_CHECK bool verdicts_read(const StoredRun *run, const Reference *reference, double missing,
                              const Verdict **ret_verdicts, Err *reterr);

#endif
