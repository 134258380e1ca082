/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes a queue with the other ranks. Rank 0 announces a plan. Each other rank finds this plan among its own plans,
 * opens a worker, and asks for two batches, so that it has one to compute while the records of the other travel. With
 * each result it asks for one more batch. Every rank has read the files itself; the key of the run tells whether all
 * ranks have read the same.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "build_info.h"
#include "run/provenance.h"
#include "run/queue.h"
#include "run/ranks.h"
#include "run/wire.h"

enum { TAG_PLAN = 1, TAG_READY, TAG_BATCH, TAG_RECORDS, TAG_FAULT };

enum { BATCHES_PER_RANK = 2, PLACES_PER_RANK = 8 };

typedef struct PlanOrder {
    int64_t run;
    char key[HASH_TEXT];
    char build[128];
} PlanOrder;

typedef struct BatchOrder {
    size_t index;
    AnimalRange batch;
} BatchOrder;

static PlanOrder plan_order(int64_t run, const char *key)
{
    PlanOrder order = {.run = run};
    ASSERT(strlen(key) < sizeof order.key);
    memcpy(order.key, key, strlen(key));
    snprintf(order.build, sizeof order.build, "%s %s", BUILD_VERSION, BUILD_COMMIT);
    return order;
}

/* ---- Rank 0 ---- */

/* Batch i stands at place i % n_places from when it is dealt until it is written. */
typedef struct RootRank {
    Queue *queue;
    const StoreRun *description;
    QueuePlace *places;
    size_t n_places;
    size_t n_dealt, n_written; /* batches */
    size_t *wanted;            /* [ranks_count()]: batches that a rank may be given now */
    BatchOrder next;           /* the next to be dealt; valid when has_next */
    bool has_next, all_dealt;
    double halted_s; /* when dealing stopped early; NaN: it did not */
    Err err;         /* the first error of another rank */
} RootRank;

static QueuePlace *root_rank_place(const RootRank *root, size_t index)
{
    return &root->places[index % root->n_places];
}

static void announce(const RootRank *root)
{
    PlanOrder order = plan_order(root->queue->run, root->description->key);
    for (size_t to = 1; to < ranks_count(); to++)
        ranks_send(to, TAG_PLAN, &order, sizeof order);
}

static bool root_rank_next(RootRank *root, Err *reterr)
{
    if (root->has_next || root->all_dealt)
        return true;
    if (!queue_next(root->queue, &root->next.batch, &root->has_next, reterr))
        return false;
    root->all_dealt = !root->has_next;
    return true;
}

/* Deals one batch to each rank that wants one, as long as there are batches and places. */
static bool root_rank_deal_round(RootRank *root, Err *reterr)
{
    for (size_t to = 1; to < ranks_count(); to++) {
        if (!root_rank_next(root, reterr))
            return false;
        if (root->wanted[to] == 0 || !root->has_next || root->n_dealt == root->n_written + root->n_places)
            continue;
        root->next.index = root->n_dealt;
        ranks_send(to, TAG_BATCH, &root->next, sizeof root->next);
        *root_rank_place(root, root->n_dealt++) = (QueuePlace){.batch = root->next.batch};
        root->has_next = false;
        root->wanted[to]--;
    }
    return true;
}

/* Returns false when the bytes are not the records of a batch that is being computed. */
static bool root_rank_put_records(RootRank *root, const RankMessage *message, Records *records)
{
    size_t index, n = sizeof index;
    if (message->n < n)
        return false;
    memcpy(&index, message->bytes, n);
    if (index < root->n_written || index >= root->n_dealt || root_rank_place(root, index)->records.arena != NULL)
        return false;
    QueuePlace *place = root_rank_place(root, index);
    if (!wire_unpack(records->arena, (WireBytes){message->bytes + n, message->n - n}, place->batch.n,
                     root->description->n_metrics, &records->animals))
        return false;
    for (size_t i = 0; i < place->batch.n; i++)
        if (records->animals[i].cohort != place->batch.cohort || records->animals[i].number != place->batch.first + i)
            return false;
    place->records = *records;
    records->arena = NULL; /* the place owns it now */
    return true;
}

static bool root_rank_take_message(RootRank *root)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    RankMessage message;
    if (!ranks_receive(arena, &message))
        return false;
    if (message.tag == TAG_READY && message.n == sizeof root->queue->run) {
        if (memcmp(message.bytes, &root->queue->run, message.n) == 0) /* else the message is for an earlier run */
            root->wanted[message.from] = BATCHES_PER_RANK;
    } else if (message.tag == TAG_FAULT && message.n == sizeof root->err) {
        memcpy(&root->err, message.bytes, message.n);
        root->err.text[sizeof root->err.text - 1] = '\0';
    } else {
        Records records = {.arena = arena};
        if (message.tag == TAG_RECORDS && root_rank_put_records(root, &message, &records))
            root->wanted[message.from]++;
        else
            err_set(&root->err, ERR_SOLVE, "rank %zu sent a message that is not a valid result", message.from);
        arena = records.arena; /* NOLINT(clang-analyzer-deadcode.DeadStores): SCOPED reads it */
    }
    return true;
}

static bool is_over(RootRank *root)
{
    bool all_written = root->n_written == root->n_dealt;
    if (!isnan(root->halted_s))
        return all_written || clock_seconds() - root->halted_s > RANK_PATIENCE_S;
    return all_written && root->all_dealt && !root->has_next;
}

/* Takes the first batch that is not written yet, if its records are there; else the arena is NULL. */
static QueuePlace take_first(RootRank *root)
{
    QueuePlace *place = root_rank_place(root, root->n_written), first = *place;
    if (first.records.arena != NULL) {
        *place = (QueuePlace){0};
        root->n_written++;
    }
    return first;
}

static bool root_rank_deal_all(RootRank *root, Err *reterr)
{
    announce(root);
    for (;;) {
        if (isnan(root->halted_s) && (queue_is_stopping(root->queue) || root->err.kind != ERR_NONE))
            root->halted_s = clock_seconds();
        if (isnan(root->halted_s) && !root_rank_deal_round(root, reterr))
            return false;
        QueuePlace done = take_first(root);
        if (done.records.arena != NULL) {
            if (!queue_write(root->queue, &done, reterr))
                return false;
        } else if (is_over(root)) {
            break;
        } else if (!root_rank_take_message(root)) {
            ranks_rest();
        }
    }
    if (root->err.kind != ERR_NONE)
        *reterr = root->err;
    return root->err.kind == ERR_NONE;
}

bool ranks_run_root(Arena *arena, Queue *queue, const StoreRun *description, Err *reterr)
{
    RootRank root = {.queue = queue,
                     .description = description,
                     .n_places = PLACES_PER_RANK * (ranks_count() - 1),
                     .wanted = NEW_ARRAY(arena, size_t, ranks_count()),
                     .halted_s = (double)NAN};
    root.places = NEW_ARRAY(arena, QueuePlace, root.n_places);
    bool done = root_rank_deal_all(&root, reterr);
    for (size_t i = 0; i < root.n_places; i++)
        arena_close(&root.places[i].records.arena); /* records that were computed and not written */
    return done;
}

/* ---- The other ranks ---- */

typedef struct WorkerRank {
    const Plan *const *plans;
    size_t n_plans, next_plan; /* index of the plan that rank 0 probably announces next */
    double rtol, animal_s;
    CpuSet cpu;
    const Err *why; /* not NULL: the plans could not be loaded, for this reason */
    Arena *arena;   /* of the worker and its system */
    const System *system;
    Worker *worker;
    BatchOrder queue[BATCHES_PER_RANK];
    size_t n_queued;
} WorkerRank;

static bool find_plan(WorkerRank *rank, const PlanOrder *order, const Plan **ret_plan)
{
    for (size_t i = 0; i < rank->n_plans; i++) {
        size_t at = (rank->next_plan + i) % rank->n_plans;
        const Plan *plan = rank->plans[at];
        const System *system = system_build(rank->arena, plan->model, plan->record, plan->n_record);
        const StoreRun own =
            provenance_describe(rank->arena, plan, system, model_rtol(plan->model, rank->rtol), rank->cpu, "");
        if (strcmp(own.key, order->key) == 0) {
            rank->next_plan = at + 1;
            *ret_plan = plan;
            rank->system = system;
            return true;
        }
        arena_reset(rank->arena);
    }
    return false;
}

static bool worker_rank_set_up(WorkerRank *rank, const RankMessage *message, PlanOrder *ret_order, Err *reterr)
{
    const Plan *plan;
    bool same = message->n == sizeof *ret_order;
    if (same)
        memcpy(ret_order, message->bytes, sizeof *ret_order);
    PlanOrder own = plan_order(0, "");
    if (!same || strcmp(own.build, ret_order->build) != 0)
        return err_set(reterr, ERR_INPUT, "it runs a different build of marblebone: %s", own.build);
    if (rank->why != NULL) {
        *reterr = *rank->why;
        return false;
    }
    if (!find_plan(rank, ret_order, &plan))
        return err_set(reterr, ERR_INPUT, "its experiment, model, drivers or libraries differ from those of rank 0");
    rank->worker = worker_open(rank->arena, plan, rank->system, rank->rtol, rank->cpu, reterr);
    if (rank->worker != NULL)
        worker_limit(rank->worker, rank->animal_s, NULL);
    return rank->worker != NULL;
}

static void worker_rank_close(WorkerRank *rank)
{
    worker_close(&rank->worker);
    arena_reset(rank->arena);
    rank->n_queued = 0;
}

static void worker_rank_send_fault(const Err *why)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Err fault = {0};
    err_set(&fault, why->kind, "rank %zu on %s: %s", ranks_number(), provenance_host(scratch), why->text);
    ranks_send(0, TAG_FAULT, &fault, sizeof fault);
}

static void worker_rank_begin_plan(WorkerRank *rank, const RankMessage *message)
{
    Err err = {0};
    PlanOrder order;
    worker_rank_close(rank);
    if (worker_rank_set_up(rank, message, &order, &err))
        ranks_send(0, TAG_READY, &order.run, sizeof order.run);
    else
        worker_rank_send_fault(&err);
}

static void worker_rank_take_orders(WorkerRank *rank)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    RankMessage message;
    while (ranks_receive(scratch, &message)) {
        if (message.tag == TAG_PLAN) {
            worker_rank_begin_plan(rank, &message);
        } else if (message.tag == TAG_BATCH) {
            ASSERT(rank->n_queued < BATCHES_PER_RANK && message.n == sizeof rank->queue[0]);
            memcpy(&rank->queue[rank->n_queued++], message.bytes, message.n);
        }
    }
}

static void worker_rank_compute(WorkerRank *rank)
{
    BatchOrder order = rank->queue[0];
    ASSERT(rank->system != NULL);
    Records records = queue_simulate(rank->worker, order.batch);
    SCOPED(arena_close) Arena *arena = records.arena;
    Text bytes = text_new(arena);
    memmove(&rank->queue[0], &rank->queue[1], --rank->n_queued * sizeof order);
    text_add(&bytes, (const char *)&order.index, sizeof order.index);
    wire_pack(records.animals, order.batch.n, rank->system->n_outputs, &bytes);
    Err err = {0};
    if (bytes.length <= RANK_MESSAGE_MAX) {
        ranks_send(0, TAG_RECORDS, bytes.bytes, bytes.length);
    } else {
        err_set(&err, ERR_SOLVE, "a batch has more than 2 GB of readings; run it without MPI");
        worker_rank_send_fault(&err);
    }
}

void ranks_run_worker(const Plan *const *plans, size_t n_plans, double rtol, double animal_s, CpuSet cpu,
                      const Err *why)
{
    WorkerRank rank = {.plans = plans,
                       .n_plans = n_plans,
                       .rtol = rtol,
                       .animal_s = animal_s,
                       .cpu = cpu,
                       .why = why,
                       .arena = arena_open()};
    while (!ranks_dismissed()) {
        worker_rank_take_orders(&rank);
        if (rank.n_queued > 0 && !ranks_dismissed())
            worker_rank_compute(&rank);
        else
            ranks_rest();
    }
    worker_rank_close(&rank);
    arena_close(&rank.arena);
}
