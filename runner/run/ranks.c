/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ranks of a run say to each other. Rank 0 announces a plan; each other rank finds it among its own, sets up a
 * worker and is ready for two batches, so that there is one at hand while a result travels; each result asks for
 * another. Every rank has read the files itself: the key of the run tells whether they are the same.
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
typedef struct Dealer {
    Queue *queue;
    const StoreRun *description;
    QueuePlace *places;
    size_t n_places;
    size_t n_dealt, n_written; /* batches */
    size_t *wanted;            /* [ranks_count()]: batches that a rank may be given now */
    BatchOrder next;           /* to be dealt, when has_next */
    bool has_next, all_dealt;
    double halted_s; /* when no more was dealt, before the end; NaN: not yet */
    Err err;         /* of another rank */
} Dealer;

static QueuePlace *dealer_place(const Dealer *dealer, size_t index)
{
    return &dealer->places[index % dealer->n_places];
}

static void announce(const Dealer *dealer)
{
    PlanOrder order = plan_order(dealer->queue->run, dealer->description->key);
    for (size_t to = 1; to < ranks_count(); to++)
        ranks_send(to, TAG_PLAN, &order, sizeof order);
}

static bool look_for_next(Dealer *dealer, Err *reterr)
{
    if (dealer->has_next || dealer->all_dealt)
        return true;
    if (!queue_next(dealer->queue, &dealer->next.batch, &dealer->has_next, reterr))
        return false;
    dealer->all_dealt = !dealer->has_next;
    return true;
}

/* One to each that wants one, as long as there are batches and places. */
static bool deal_round(Dealer *dealer, Err *reterr)
{
    for (size_t to = 1; to < ranks_count(); to++) {
        if (!look_for_next(dealer, reterr))
            return false;
        if (dealer->wanted[to] == 0 || !dealer->has_next || dealer->n_dealt == dealer->n_written + dealer->n_places)
            continue;
        dealer->next.index = dealer->n_dealt;
        ranks_send(to, TAG_BATCH, &dealer->next, sizeof dealer->next);
        *dealer_place(dealer, dealer->n_dealt++) = (QueuePlace){.batch = dealer->next.batch};
        dealer->has_next = false;
        dealer->wanted[to]--;
    }
    return true;
}

/* False: the bytes are not the result of a batch that is computed just now. */
static bool put_records(Dealer *dealer, const RankMessage *message, Records *records)
{
    size_t index, n = sizeof index;
    if (message->n < n)
        return false;
    memcpy(&index, message->bytes, n);
    if (index < dealer->n_written || index >= dealer->n_dealt || dealer_place(dealer, index)->records.arena != NULL)
        return false;
    QueuePlace *place = dealer_place(dealer, index);
    if (!records_unpack(records->arena, (WireBytes){message->bytes + n, message->n - n}, place->batch.n,
                        dealer->description->n_metrics, &records->animals))
        return false;
    for (size_t i = 0; i < place->batch.n; i++)
        if (records->animals[i].cohort != place->batch.cohort || records->animals[i].number != place->batch.first + i)
            return false;
    place->records = *records;
    records->arena = NULL; /* handed over */
    return true;
}

static bool take_message(Dealer *dealer)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    RankMessage message;
    if (!ranks_receive(arena, &message))
        return false;
    if (message.tag == TAG_READY && message.n == sizeof dealer->queue->run) {
        if (memcmp(message.bytes, &dealer->queue->run, message.n) == 0) /* else for the plan before */
            dealer->wanted[message.from] = BATCHES_PER_RANK;
    } else if (message.tag == TAG_FAULT && message.n == sizeof dealer->err) {
        memcpy(&dealer->err, message.bytes, message.n);
        dealer->err.text[sizeof dealer->err.text - 1] = '\0';
    } else {
        Records records = {.arena = arena};
        if (message.tag == TAG_RECORDS && put_records(dealer, &message, &records))
            dealer->wanted[message.from]++;
        else
            err_set(&dealer->err, ERR_SOLVE, "rank %zu sent what is no result", message.from);
        arena = records.arena; /* NOLINT(clang-analyzer-deadcode.DeadStores): SCOPED reads it */
    }
    return true;
}

static bool is_over(Dealer *dealer)
{
    bool all_written = dealer->n_written == dealer->n_dealt;
    if (!isnan(dealer->halted_s))
        return all_written || clock_seconds() - dealer->halted_s > RANK_PATIENCE_S;
    return all_written && dealer->all_dealt && !dealer->has_next;
}

/* The first batch, when it is computed; arena NULL: it is not. */
static QueuePlace take_first(Dealer *dealer)
{
    QueuePlace *place = dealer_place(dealer, dealer->n_written), first = *place;
    if (first.records.arena != NULL) {
        *place = (QueuePlace){0};
        dealer->n_written++;
    }
    return first;
}

static bool deal_all(Dealer *dealer, Err *reterr)
{
    announce(dealer);
    for (;;) {
        if (isnan(dealer->halted_s) && (queue_stops(dealer->queue) || dealer->err.kind != ERR_NONE))
            dealer->halted_s = clock_seconds();
        if (isnan(dealer->halted_s) && !deal_round(dealer, reterr))
            return false;
        QueuePlace done = take_first(dealer);
        if (done.records.arena != NULL) {
            if (!queue_write(dealer->queue, &done, reterr))
                return false;
        } else if (is_over(dealer)) {
            break;
        } else if (!take_message(dealer)) {
            ranks_rest();
        }
    }
    if (dealer->err.kind != ERR_NONE)
        *reterr = dealer->err;
    return dealer->err.kind == ERR_NONE;
}

bool ranks_run(Arena *arena, Queue *queue, const StoreRun *description, Err *reterr)
{
    Dealer dealer = {.queue = queue,
                     .description = description,
                     .n_places = PLACES_PER_RANK * (ranks_count() - 1),
                     .wanted = NEW_ARRAY(arena, size_t, ranks_count()),
                     .halted_s = (double)NAN};
    dealer.places = NEW_ARRAY(arena, QueuePlace, dealer.n_places);
    bool done = deal_all(&dealer, reterr);
    for (size_t i = 0; i < dealer.n_places; i++)
        arena_close(&dealer.places[i].records.arena); /* what was computed and could not be written */
    return done;
}

/* ---- The others ---- */

typedef struct Server {
    const Plan *const *plans;
    size_t n_plans, next_plan; /* the one that is expected next */
    double rtol, animal_s;
    CpuSet cpu;
    const Err *why; /* not NULL: there are no plans */
    Arena *arena;   /* of the worker and its system */
    const System *system;
    Worker *worker;
    BatchOrder queue[BATCHES_PER_RANK];
    size_t n_queued;
} Server;

static bool find_plan(Server *server, const PlanOrder *order, const Plan **ret_plan)
{
    for (size_t i = 0; i < server->n_plans; i++) {
        size_t at = (server->next_plan + i) % server->n_plans;
        const Plan *plan = server->plans[at];
        const System *system = system_build(server->arena, plan->model, plan->record, plan->n_record);
        const StoreRun own =
            run_describe(server->arena, plan, system, model_rtol(plan->model, server->rtol), server->cpu, "");
        if (strcmp(own.key, order->key) == 0) {
            server->next_plan = at + 1;
            *ret_plan = plan;
            server->system = system;
            return true;
        }
        arena_reset(server->arena);
    }
    return false;
}

static bool set_up(Server *server, const RankMessage *message, PlanOrder *ret_order, Err *reterr)
{
    const Plan *plan;
    bool same = message->n == sizeof *ret_order;
    if (same)
        memcpy(ret_order, message->bytes, sizeof *ret_order);
    PlanOrder own = plan_order(0, "");
    if (!same || strcmp(own.build, ret_order->build) != 0)
        return err_set(reterr, ERR_INPUT, "it runs another build of marblebone: %s", own.build);
    if (server->why != NULL) {
        *reterr = *server->why;
        return false;
    }
    if (!find_plan(server, ret_order, &plan))
        return err_set(reterr, ERR_INPUT,
                       "its experiment, model or drivers differ from those of rank 0, or its libraries do");
    server->worker = worker_open(server->arena, plan, server->system, server->rtol, server->cpu, reterr);
    if (server->worker != NULL)
        worker_limit(server->worker, server->animal_s, NULL);
    return server->worker != NULL;
}

static void close_worker(Server *server)
{
    worker_close(&server->worker);
    arena_reset(server->arena);
    server->n_queued = 0;
}

static void tell_fault(const Err *why)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Err fault = {0};
    err_set(&fault, why->kind, "rank %zu on %s: %s", ranks_number(), run_host(scratch), why->text);
    ranks_send(0, TAG_FAULT, &fault, sizeof fault);
}

static void begin_plan(Server *server, const RankMessage *message)
{
    Err err = {0};
    PlanOrder order;
    close_worker(server);
    if (set_up(server, message, &order, &err))
        ranks_send(0, TAG_READY, &order.run, sizeof order.run);
    else
        tell_fault(&err);
}

static void take_orders(Server *server)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    RankMessage message;
    while (ranks_receive(scratch, &message)) {
        if (message.tag == TAG_PLAN) {
            begin_plan(server, &message);
        } else if (message.tag == TAG_BATCH) {
            ASSERT(server->n_queued < BATCHES_PER_RANK && message.n == sizeof server->queue[0]);
            memcpy(&server->queue[server->n_queued++], message.bytes, message.n);
        }
    }
}

static void serve_batch(Server *server)
{
    BatchOrder order = server->queue[0];
    ASSERT(server->system != NULL);
    Records records = records_simulate(server->worker, order.batch);
    SCOPED(arena_close) Arena *arena = records.arena;
    Text bytes = text_new(arena);
    memmove(&server->queue[0], &server->queue[1], --server->n_queued * sizeof order);
    text_add(&bytes, (const char *)&order.index, sizeof order.index);
    records_pack(records.animals, order.batch.n, server->system->n_outputs, &bytes);
    Err err = {0};
    if (bytes.length <= RANK_MESSAGE_MOST) {
        ranks_send(0, TAG_RECORDS, bytes.bytes, bytes.length);
    } else {
        err_set(&err, ERR_SOLVE, "a batch has more than 2 GB of readings; run it without MPI");
        tell_fault(&err);
    }
}

void run_serve(const Plan *const *plans, size_t n_plans, double rtol, double animal_s, CpuSet cpu, const Err *why)
{
    Server server = {.plans = plans,
                     .n_plans = n_plans,
                     .rtol = rtol,
                     .animal_s = animal_s,
                     .cpu = cpu,
                     .why = why,
                     .arena = arena_open()};
    while (!ranks_dismissed()) {
        take_orders(&server);
        if (server.n_queued > 0 && !ranks_dismissed())
            serve_batch(&server);
        else
            ranks_rest();
    }
    close_worker(&server);
    arena_close(&server.arena);
}
