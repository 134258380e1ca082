#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One experiment on many processors under Slurm: sbatch -n 64 doc/slurm.sh EXPERIMENT.yaml [options of marblebone run]
# When the job is over before the experiment is - time limit, scancel, a node that fails - submit the same again: it does the rest.
#SBATCH --job-name=marblebone
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
# SIGTERM a minute before the time limit, so that the run says how far it came; what is stored stays in any case.
#SBATCH --signal=TERM@60

# -K: a rank that dies ends the job, else the others wait for it. --mpi: "srun --mpi=list" says what this cluster has.
exec srun -K --mpi="${MPI:-pmix}" "${MARBLEBONE:-marblebone}" run "$@"
