/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads from the environment how many processes a launcher (mpirun, mpiexec, srun) started together.
 */
#include <stdlib.h>

#include "run/ranks.h"

/* The first variable that is set counts: mpirun starts its own helpers with srun, which sets the last one, too. */
static const char *const sizes[] = {
    "OMPI_COMM_WORLD_SIZE", /* mpirun of Open MPI */
    "PMI_SIZE",             /* mpiexec of MPICH and of MPIs derived from it, srun --mpi=pmi2 */
    "SLURM_STEP_NUM_TASKS", /* srun */
};

size_t ranks_launched(void)
{
    double n = 1.0;
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        const char *size = getenv(sizes[i]);
        if (size != NULL && number_parse(size, &n))
            return n >= 1.0 && n <= 1e9 ? (size_t)n : 1;
    }
    return 1;
}
