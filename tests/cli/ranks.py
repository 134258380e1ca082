#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many processes under mpirun: the answer does not depend on how many; one that dies, or all, cost nothing that is stored; two network
namespaces are two machines.

    ranks.py MARBLEBONE [TEST ...]

A program that is built without MPI cannot: MARBLEBONE_MPI says "no" then, and every test is skipped.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import tap
from lab import COMMAND, FRAGILE, Lab, TINY
from tap import equal, equal_lines, holds

# Many doses make a batch take 0.1 s: a run that is long enough to be disturbed, with few rows to compare.
DOSES = "treatments: [{drug: OYC1, dose: 1e-3 mg, from: 1 hour, every: 0.01 hour, times: 11900}]"
ANIMALS = int(os.environ.get("MARBLEBONE_RANK_ANIMALS", "3000"))
MANY = TINY.split("cohorts:")[0].replace("animals: 20", f"animals: {ANIMALS // 3}") + f"""\
cohorts:
  wild-type: {{{DOSES}}}
  knockout: {{genotype: {{Tnfsf11: -/-}}, {DOSES}}}
  conditional: {{genotype: {{Tnfsf11: fl/fl, cre: Dmp1-Cre}}, {DOSES}}}
"""
INTERRUPTED = 130
RUN = ["run", "many.yaml", "-q"]
HOST = frozenset({("run", "host")})
undisturbed = []
OUTSIDE = "stopped by the launcher or the batch system (after Ctrl-C, the death of a rank, or a time limit)"


class Ranks(Lab):
    """Starts the program under mpirun."""

    def __init__(self, folder):
        if os.environ.get("MARBLEBONE_MPI") == "no":
            raise tap.Skip("built without MPI")
        super().__init__(folder)
        self.write("tiny.yaml", TINY)
        self.write("many.yaml", MANY)

    @staticmethod
    def environment(**more):
        """MPI's own leaks are not ours to find."""
        kept = Lab.environment(**more)
        return {**kept, "ASAN_OPTIONS": kept.get("ASAN_OPTIONS", "").replace("detect_leaks=1", "") + ":detect_leaks=0"}

    def mpirun(self, n, *args, program=None, options=(), within=()):
        """Sessions are below the test's folder, since Open MPI leaves files there when it is killed."""
        environment = self.environment(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", TMPDIR=str(self.folder))
        command = [*within, "mpirun", "--oversubscribe", "-x", "ASAN_OPTIONS", *options, "-n", str(n), program or self.program]
        return subprocess.Popen([*command, *map(str, args)], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ranks(self, n, *args, code=0, **more):
        process = self.mpirun(n, *args, **more)
        out, err = process.communicate(timeout=120)
        equal(process.returncode, code, f"exit code of {n} ranks\n{out}{err}\n")
        return out, err


def children(process):
    """Those of the program's processes that mpirun has started: [0] is rank 0."""
    found = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return sorted(int(pid) for pid in found if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("marblebone"))


def stored(lab, db="results.db"):
    try:
        return lab.one("SELECT count(*) FROM animal", db=db)
    except Exception:  # pylint: disable=broad-except
        return 0


def begun(lab, db):
    try:
        return lab.one("SELECT count(*) FROM run", db=db) > 0
    except sqlite3.OperationalError:
        return False


def hold(lab, process, db="results.db"):
    """Lets the ranks that compute go on for 2 ms at a time until 64 animals are stored: whatever the machine, the run is not over before it
    is disturbed. Returns the ranks, stopped; `release` lets them go on, as Open MPI does before it ends one."""
    limit = time.monotonic() + 60
    while not begun(lab, db) and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.001)
    ranks = children(process)
    while True:
        for rank in ranks[1:]:
            os.kill(rank, signal.SIGSTOP)
        time.sleep(0.01)   # rank 0 writes what it has
        equal(process.poll(), None, "it still runs")
        if stored(lab, db) >= 64 or time.monotonic() > limit:
            return ranks
        release(ranks)
        time.sleep(0.002)


def release(ranks):
    for rank in ranks[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(rank, signal.SIGCONT)


def straight(laboratory):
    """The dump of an undisturbed run in one process; made once."""
    if not undisturbed:
        laboratory.call(*RUN, "-j", 1, "--db", "straight.db", code=0)
        undisturbed.extend(laboratory.dump("straight.db", COMMAND | HOST))
    return undisturbed


def finish(lab, n, want, db="results.db"):
    """The same again: what is missing is done, and the bytes are those of a run that nobody disturbed."""
    lab.check_integrity(db)
    before = stored(lab, db)
    _, err = lab.ranks(n, *RUN, "--db", db)
    if 0 < before < ANIMALS:
        holds(f"{ANIMALS - before} animals simulated" in err and f"{before} stored before" in err, err)
    equal_lines(lab.dump(db, COMMAND | HOST), want, "the dump after completion")


def the_number_of_threads_and_ranks_changes_nothing(lab):
    lab.write("some.yaml", TINY.replace("animals: 20", "animals: 1000"))
    for jobs in (1, 2, 7):
        lab.call("run", "some.yaml", "-q", "-j", jobs, "--db", f"j{jobs}.db", code=0)
    want = lab.dump("j1.db", COMMAND)
    for jobs in (2, 7):
        equal_lines(lab.dump(f"j{jobs}.db", COMMAND), want, f"-j {jobs}")
    for n in (1, 2, 3, 4):
        _, err = lab.ranks(n, "run", "some.yaml", "-q", "--db", f"{n}.db")
        holds(re.fullmatch(rf"3000 animals simulated in [\d.]+ s; run 1 in {n}\.db\n", err), err)
        equal_lines(lab.dump(f"{n}.db", COMMAND), want, f"{n} ranks")
    head, cohorts = (lab.folder / "some.yaml").read_text().split("cohorts:\n")
    lab.write("shuffled.yaml", head + "cohorts:\n" + "".join(reversed(cohorts.splitlines(keepends=True))))
    lab.ranks(3, "run", "shuffled.yaml", "-q", "--db", "shuffled.db")
    equal_lines(lab.call("dump", "shuffled.db", code=0).out.splitlines(), lab.call("dump", "j1.db", code=0).out.splitlines(),
                "shuffled cohorts, 3 ranks")


def the_last_word_is_that_of_one_process(lab):
    alone = lab.call("run", "tiny.yaml", "--db", "1.db", code=0)
    out, _ = lab.ranks(3, "run", "tiny.yaml", "--db", "3.db")
    equal(out, alone.out, "the table of phenotypes")
    out, err = lab.ranks(3, "run", "tiny.yaml", "--db", "3.db")
    equal(out, alone.out, "the table of phenotypes, nothing being missing")
    holds(err.startswith("0 animals simulated in ") and ", 60 stored before; run 1 in 3.db\n" in err, err)


def dense_series_and_failures_travel(lab):
    lab.write("dense.yaml", TINY.replace("measure: [1 day, 5 day]", "measure: {from: 0 day, to: 50 day, every: 1 day}"))
    lab.write("fragile.yaml", FRAGILE)
    for name, code in (("dense", 0), ("fragile", 4)):
        lab.call("run", f"{name}.yaml", "-q", "--db", f"1.{name}.db", "-j", 1, code=code)
        lab.ranks(3, "run", f"{name}.yaml", "-q", "--db", f"3.{name}.db", code=code)
        equal_lines(lab.dump(f"3.{name}.db", COMMAND), lab.dump(f"1.{name}.db", COMMAND), name)


def several_models_run_one_after_the_other(lab):
    lab.write("both.yaml", TINY.replace("model: tiny", "models: [tiny, ./other.yaml]"))
    lab.write("other.yaml", (lab.folder / "models" / "tiny.yaml").read_text().replace("model: tiny", "model: other", 1))
    shutil.copy(lab.folder / "models" / "drivers.yaml", lab.folder)
    alone = lab.call("run", "both.yaml", "--db", "1.db", "-j", 1, code=0)
    out, _ = lab.ranks(3, "run", "both.yaml", "--db", "3.db")
    equal(out, alone.out, "one table of both")
    equal(lab.one("SELECT count(*) FROM run", db="3.db"), 2)
    equal_lines(lab.dump("3.db", COMMAND), lab.dump("1.db", COMMAND), "two models")


def what_is_wrong_is_said_once(lab):
    rows = ((("run", "lost.yaml"), 3), (("run", "tiny.yaml", "--db", "."), 5), (("run", "tiny.yaml", "--dry-run"), 0), (("check", "tiny.yaml"), 0))
    for args, code in rows:
        alone = lab.call(*args, code=code)
        out, err = lab.ranks(2, *args, code=code)
        equal(out, alone.out, f"stdout of {args}")
        equal(err.partition("-" * 60)[0], alone.err, f"stderr of {args}")


def processes_that_do_not_find_each_other_are_refused(lab):
    """As the launcher of another MPI starts them, or srun without one."""
    for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"):
        said = lab.call("run", "tiny.yaml", env={name: "3"}, code=2)
        holds(re.fullmatch(r"marblebone: the launcher started 3 processes, but (Open MPI|MPICH) .*\d finds 1; use the mpirun of this MPI, or "
                           r"an --mpi of srun that it knows\n", said.err), said)
        holds(not (lab.folder / "results.db").exists(), "nothing was made")


def progress_is_logged_without_a_terminal(lab):
    process = lab.mpirun(2, "run", "many.yaml")
    ranks = hold(lab, process)
    time.sleep(1.1)  # the first line comes with the first batch after a second
    release(ranks)
    line = process.stderr.readline()
    holds(re.fullmatch(rf"\d+ of {ANIMALS} animals, \d+/s, (\d+:)?\d+:\d\d left\n", line), line)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def a_rank_with_other_files_ends_the_run_with_a_message(lab):
    """Rank 1 sees another model, or none: through its own MARBLEBONE_MODELS it looks elsewhere."""
    changed = lab.folder / "elsewhere"
    shutil.copytree(lab.folder / "models", changed)
    shutil.move(lab.folder / "models", lab.folder / "here")
    text = (changed / "tiny.yaml").read_text()
    (changed / "tiny.yaml").write_text(text + "# another one\n")
    rank = lab.write("rank.sh", '#!/bin/sh\n[ "$OMPI_COMM_WORLD_RANK" = 1 ] && MARBLEBONE_MODELS=$PWD/$THERE || MARBLEBONE_MODELS=$PWD/here\n'
                                f'export MARBLEBONE_MODELS\nexec {lab.program} "$@"\n')
    (lab.folder / rank).chmod(0o755)
    host = re.escape(os.uname().nodename)
    for there, message in (("elsewhere", "its experiment, model, drivers or libraries differ from those of rank 0"),
                           ("nowhere", "cannot load 'tiny.yaml': .*'tiny'.*")):
        _, err = lab.ranks(2, "run", "tiny.yaml", "-q", code=3, program="./rank.sh", options=("-x", f"THERE={there}"))
        said = err.splitlines()[0]
        holds(re.fullmatch(rf"marblebone: rank 1 on {host} .*: {message}", said), said)
        equal(stored(lab), 0)


def ctrl_c_stores_what_is_done_and_says_how_to_go_on(lab):
    want = straight(lab)
    process = lab.mpirun(3, *RUN)
    hold(lab, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    said = re.search(r"^(\d+) animals simulated in .*\n" + re.escape(OUTSIDE) + r": (\d+) animals are missing; the same command runs them$",
                     err, re.M)
    holds(said, err)
    done, missing = map(int, said.groups())
    equal(done, stored(lab), "what is said to be simulated is stored")
    equal(done + missing, ANIMALS)
    finish(lab, 3, want)


def an_interrupt_of_rank_0_alone_ends_all(lab):
    want = straight(lab)
    process = lab.mpirun(3, *RUN)
    ranks = hold(lab, process)
    os.kill(ranks[0], signal.SIGINT)
    release(ranks)
    _, err = process.communicate(timeout=60)
    equal(process.returncode, INTERRUPTED, err)
    holds(re.search(r"^interrupted: \d+ animals are missing; the same command runs them$", err, re.M), err)
    finish(lab, 2, want)


def a_rank_that_dies_ends_the_run_and_running_again_finishes_it(lab):
    want = straight(lab)
    for number, who in enumerate((1, 0)):
        db = f"{number}.db"
        process = lab.mpirun(3, *RUN, "--db", db)
        ranks = hold(lab, process, db)
        os.kill(ranks[who], signal.SIGKILL)
        release(ranks)
        _, err = process.communicate(timeout=60)
        holds(process.returncode != 0, err)
        if who != 0:
            holds(re.search("^" + re.escape(OUTSIDE) + r": \d+ animals are missing; the same command runs them$", err, re.M), err)
        holds("signal 9" in err, err)
        holds(64 <= stored(lab, db) < ANIMALS, stored(lab, db))
        finish(lab, 2 + number, want, db)


def all_ranks_killed_at_once_lose_nothing_that_is_stored(lab):
    want = straight(lab)
    process = lab.mpirun(4, *RUN)
    ranks = hold(lab, process)
    equal(len(ranks), 4)
    process.kill()
    for rank in ranks:
        with contextlib.suppress(ProcessLookupError):
            os.kill(rank, signal.SIGKILL)
    process.communicate(timeout=60)
    finish(lab, 4, want)


# -- two machines --------------------------------------------------------------------------------------------------

def sh(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise tap.Skip(f"{command}: {done.stderr.strip() or done.returncode}")


@contextlib.contextmanager
def two_hosts(folder):
    """Network namespaces a and b with a cable between them; yields their names and a command that mpirun takes for ssh: it gives
    the other one its own host name, and no network but the cable."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        raise tap.Skip("network namespaces need root, ip and unshare")
    names = [f"mb{os.getpid()}{end}" for end in "ab"]
    try:
        for name in names:
            sh(f"ip netns add {name}")
            sh(f"ip -n {name} link set lo up")
        sh(f"ip link add {names[0]} netns {names[0]} type veth peer name {names[1]} netns {names[1]}")
        for number, name in enumerate(names, 1):
            sh(f"ip -n {name} addr add 10.99.0.{number}/24 dev {name}")
            sh(f"ip -n {name} link set {name} up")
        agent = folder / "agent.sh"
        agent.write_text("#!/bin/sh\n# agent.sh HOST COMMAND ...: as ssh, into the namespace with this address\nshift\n"
                         f"exec ip netns exec {names[1]} unshare --uts sh -c 'hostname other; exec sh -c \"$0\"' \"$*\"\n")
        agent.chmod(0o755)
        yield names, agent
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


def two_machines_give_the_same_answer(lab):
    want = straight(lab)
    with two_hosts(lab.folder) as (names, agent):
        cable = [word for part in ("oob_tcp", "btl_tcp") for word in ("--mca", f"{part}_if_include", "10.99.0.0/24")]
        options = ["--host", "10.99.0.1:2,10.99.0.2:2", "--map-by", "node", "--mca", "plm_rsh_agent", str(agent), "--mca", "btl", "tcp,self", *cable]
        where = lab.folder / "where.sh"
        where.write_text(f'#!/bin/sh\nhostname >>{lab.folder}/hosts\nexec {lab.program} "$@"\n')
        where.chmod(0o755)
        inside = ["ip", "netns", "exec", names[0], "unshare", "--uts", "sh", "-c", 'hostname one; exec "$@"', "sh"]
        lab.ranks(4, *RUN, program=str(where), options=options, within=inside)
        equal(sorted((lab.folder / "hosts").read_text().split()), ["one", "one", "other", "other"], "where the ranks ran")
    equal_lines(lab.dump("results.db", COMMAND | HOST), want, "four ranks on two machines")


if __name__ == "__main__":
    sys.exit(tap.main(Ranks))
