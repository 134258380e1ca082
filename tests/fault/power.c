/* SPDX-License-Identifier: Apache-2.0
 *
 * 1. the VFS      2. what the disk may hold
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "fault/power.h"

enum { SECTOR = 512, N_NAMES = 3, MAX_BYTES = 4 << 20 };
static const char *const SUFFIXES[N_NAMES] = {"", "-wal", "-journal"};

typedef enum DeedKind { DEED_CREATE, DEED_DELETE, DEED_WRITE, DEED_TRUNCATE, DEED_SYNC } DeedKind;

typedef struct Deed {
    DeedKind kind;
    size_t name, file; /* which name; files are counted as they are created: a name may be given again */
    size_t offset, n;  /* DEED_TRUNCATE: the new size is `offset` */
    const void *bytes;
    bool syncs_folder; /* DEED_SYNC, the first of its file */
    bool at_once;      /* DEED_DELETE that is synced */
} Deed;

static struct {
    Arena *arena;
    bool records;
    sqlite3_vfs vfs, *under;
    VEC(Deed) deeds;
    size_t n_files, file_of[N_NAMES]; /* the file that has the name now; 0: none */
} power;

/* ---- 1. The VFS ---- */

/* Lies behind the file of the VFS below, whose methods are exchanged for ours. */
typedef struct Extra {
    const sqlite3_io_methods *under;
    sqlite3_io_methods methods;
    size_t name; /* N_NAMES: a temporary file */
} Extra;

static size_t extra_place(void)
{
    return ((size_t)power.under->szOsFile + 15) / 16 * 16;
}

static Extra *extra_of(sqlite3_file *file)
{
    return (Extra *)(void *)((char *)file + extra_place());
}

static size_t name_of(const char *path)
{
    size_t length = path != NULL ? strlen(path) : 0;
    for (size_t i = 1; i < N_NAMES; i++)
        if (length > strlen(SUFFIXES[i]) && strcmp(path + length - strlen(SUFFIXES[i]), SUFFIXES[i]) == 0)
            return i;
    return length > 0 ? 0 : N_NAMES;
}

static Deed *add_deed(DeedKind kind, size_t name)
{
    Deed *deed = vec_push(power.arena, &power.deeds);
    *deed = (Deed){.kind = kind, .name = name, .file = power.file_of[name]};
    return deed;
}

static int power_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 offset)
{
    const Extra *extra = extra_of(file);
    if (power.records && extra->name < N_NAMES) {
        Deed *deed = add_deed(DEED_WRITE, extra->name);
        deed->offset = (size_t)offset;
        deed->n = (size_t)n;
        deed->bytes = memcpy(arena_alloc(power.arena, (size_t)n, 1), bytes, (size_t)n);
    }
    return extra->under->xWrite(file, bytes, n, offset);
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    const Extra *extra = extra_of(file);
    if (power.records && extra->name < N_NAMES)
        add_deed(DEED_TRUNCATE, extra->name)->offset = (size_t)size;
    return extra->under->xTruncate(file, size);
}

static int power_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    const Extra *extra = extra_of(file);
    if (power.records && extra->name < N_NAMES) {
        bool first = true;
        for (size_t i = 0; i < power.deeds.n; i++)
            first = first && !(power.deeds.items[i].kind == DEED_SYNC &&
                               power.deeds.items[i].file == power.file_of[extra->name]);
        add_deed(DEED_SYNC, extra->name)->syncs_folder = first;
    }
    return SQLITE_OK;
}

static int power_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    size_t name = name_of(path);
    bool is_new = name < N_NAMES && access(path, F_OK) != 0;
    int code = power.under->xOpen(power.under, path, file, flags, ret_flags);
    if (code != SQLITE_OK)
        return code;
    if (power.records && is_new) {
        power.file_of[name] = ++power.n_files;
        add_deed(DEED_CREATE, name);
    }
    Extra *extra = extra_of(file);
    *extra = (Extra){.under = file->pMethods, .methods = *file->pMethods, .name = name};
    extra->methods.xWrite = power_write;
    extra->methods.xTruncate = power_truncate;
    extra->methods.xSync = power_sync;
    file->pMethods = &extra->methods;
    return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    size_t name = name_of(path);
    if (power.records && name < N_NAMES && access(path, F_OK) == 0) {
        add_deed(DEED_DELETE, name)->at_once = sync != 0;
        power.file_of[name] = 0;
    }
    return power.under->xDelete(power.under, path, sync);
}

void power_start(Arena *arena)
{
    power.under = power.under != NULL ? power.under : sqlite3_vfs_find(NULL);
    power.arena = arena;
    power.records = true;
    power.deeds.n = 0;
    power.deeds.items = NULL;
    power.deeds.capacity = 0;
    power.n_files = 0;
    memset(power.file_of, 0, sizeof power.file_of);
    power.vfs = *power.under;
    power.vfs.zName = "power";
    power.vfs.szOsFile = (int)(extra_place() + sizeof(Extra));
    power.vfs.xOpen = power_open;
    power.vfs.xDelete = power_delete;
    ASSERT(sqlite3_vfs_register(&power.vfs, 1) == SQLITE_OK);
}

void power_stop(void)
{
    power.records = false;
}

size_t power_deeds(void)
{
    return power.deeds.n;
}

bool power_syncs_wal(size_t k)
{
    return power.deeds.items[k].kind == DEED_SYNC && power.deeds.items[k].name == 1;
}

/* ---- 2. What the disk may hold ---- */

typedef struct Image {
    unsigned char bytes[MAX_BYTES];
    size_t n;
} Image;

/* One after the other, so that a cut is the same each time. */
typedef struct Chance {
    RngKey key;
    uint64_t n;
} Chance;

static size_t draw(Chance *chance, size_t bound)
{
    return rng_below(chance->key, chance->n++, bound);
}

static void grow(Image *image, size_t size, PowerLoss loss, Chance *chance)
{
    ASSERT(size <= MAX_BYTES);
    for (; image->n < size; image->n++)
        image->bytes[image->n] = loss == LOSS_TORN ? (unsigned char)draw(chance, 256) : 0;
}

static void put(Image *image, const Deed *deed, size_t from, size_t to, PowerLoss loss, Chance *chance)
{
    if (from >= to)
        return;
    grow(image, deed->offset + from, loss, chance);
    memcpy(image->bytes + deed->offset + from, (const unsigned char *)deed->bytes + from, to - from);
    if (image->n < deed->offset + to)
        image->n = deed->offset + to;
}

/* The bytes from .. to of a write lie in one sector. */
static void put_sector(Image *image, const Deed *deed, size_t from, size_t to, PowerLoss loss, Chance *chance)
{
    size_t fate = draw(chance, loss == LOSS_TORN ? 4 : 2), middle = from + draw(chance, to - from);
    if (fate == 1)
        put(image, deed, from, to, loss, chance);
    else if (fate == 2)
        put(image, deed, from, middle, loss, chance);
    else if (fate == 3)
        put(image, deed, middle, to, loss, chance);
}

static void put_unsynced(Image *image, const Deed *deed, PowerLoss loss, Chance *chance)
{
    for (size_t from = 0; from < deed->n;) {
        size_t to = from + SECTOR - (deed->offset + from) % SECTOR;
        to = to < deed->n ? to : deed->n;
        put_sector(image, deed, from, to, loss, chance);
        from = to;
    }
}

static void apply(Image *image, const Deed *deed, bool synced, PowerLoss loss, Chance *chance)
{
    bool whole = synced || loss == LOSS_OF_NOTHING;
    if (!whole && loss == LOSS_OF_ALL)
        return;
    if (deed->kind == DEED_WRITE && whole)
        put(image, deed, 0, deed->n, LOSS_OF_NOTHING, chance);
    else if (deed->kind == DEED_WRITE)
        put_unsynced(image, deed, loss, chance);
    else if (deed->kind == DEED_TRUNCATE && (whole || draw(chance, 2) == 1)) {
        grow(image, deed->offset, LOSS_OF_NOTHING, chance);
        image->n = deed->offset;
    }
}

static void build(Image *image, size_t file, size_t k, PowerLoss loss, Chance *chance)
{
    size_t synced = 0;
    image->n = 0;
    for (size_t i = 0; i < k; i++)
        if (power.deeds.items[i].file == file && power.deeds.items[i].kind == DEED_SYNC)
            synced = i;
    for (size_t i = 0; i < k; i++)
        if (power.deeds.items[i].file == file)
            apply(image, &power.deeds.items[i], i < synced, loss, chance);
}

/* Which files have the names: up to the last sync of the folder for certain, then up to some point. */
static void find_files(size_t k, PowerLoss loss, Chance *chance, size_t ret_files[N_NAMES])
{
    size_t certain = 0;
    for (size_t i = 0; i < k; i++) {
        const Deed *deed = &power.deeds.items[i];
        if ((deed->kind == DEED_SYNC && deed->syncs_folder) || (deed->kind == DEED_DELETE && deed->at_once))
            certain = i + 1;
    }
    size_t end = loss == LOSS_OF_NOTHING ? k : loss == LOSS_OF_ALL ? certain : certain + draw(chance, k - certain + 1);
    for (size_t i = 0; i < N_NAMES; i++)
        ret_files[i] = 0;
    for (size_t i = 0; i < end; i++) {
        const Deed *deed = &power.deeds.items[i];
        if (deed->kind == DEED_CREATE || deed->kind == DEED_DELETE)
            ret_files[deed->name] = deed->kind == DEED_CREATE ? deed->file : 0;
    }
}

void power_cut(size_t k, PowerLoss loss, RngKey key, const char *path, char ret_hash[HASH_TEXT])
{
    static Image image;
    char name[256], hashes[N_NAMES][HASH_TEXT];
    size_t files[N_NAMES];
    Chance chance = {.key = key};
    find_files(k, loss, &chance, files);
    for (size_t i = 0; i < N_NAMES; i++) {
        snprintf(name, sizeof name, "%s%s", path, SUFFIXES[i]);
        remove(name);
        memset(hashes[i], 0, HASH_TEXT);
        if (files[i] == 0)
            continue;
        build(&image, files[i], k, loss, &chance);
        hash_text(image.bytes, image.n, hashes[i]);
        FILE *file = fopen(name, "wb");
        ASSERT(file != NULL && fwrite(image.bytes, 1, image.n, file) == image.n && fclose(file) == 0);
    }
    hash_text(hashes, sizeof hashes, ret_hash);
}
