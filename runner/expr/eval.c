/* SPDX-License-Identifier: Apache-2.0
 *
 * One animal, one instruction at a time: what lanes.c is held equal to.
 */
#include <string.h>

#include "expr/expr.h"

void program_set_constants(const Program *program, double *registers)
{
    if (program->n_constants > 0)
        memcpy(registers, program->constants, program->n_constants * sizeof *registers);
}

void tape_eval(const Tape *tape, double *registers)
{
    for (size_t i = 0; i < tape->n; i++) {
        const Instruction *in = &tape->code[i];
        registers[in->target] = op_apply(in->op, registers[in->a], registers[in->b], registers[in->c]);
    }
}
