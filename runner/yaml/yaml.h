/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml: files -> located nodes. The only room that knows libyaml. YAML 1.1 as libyaml reads it, without merge keys,
 * tags (both are yaml.syntax) and more than one document. Nodes live on the arena that was passed in, as does the
 * Source (the file's text). Keys that are no scalar are yaml.wrong-kind.
 *
 * Limits, each with its own diagnostic, checked before anything is built: a file of 16 MiB, 64 levels, 200,000 nodes
 * and 16 MiB of text counted after aliases are expanded (an alias shares its anchor's nodes, so a bomb costs nothing to
 * refuse), and 500 bytes of a key, which diagnostics repeat for what stands below it.
 *
 * Diagnostics: yaml.cannot-read, yaml.empty, yaml.too-large, yaml.too-long, yaml.too-deep, yaml.too-many-nodes,
 * yaml.encoding (binary garbage, invalid UTF-8), yaml.tab, yaml.syntax (libyaml's own words), yaml.duplicate-key,
 * yaml.unknown-anchor, yaml.recursive-alias, yaml.documents; and from the getters yaml.wrong-kind, yaml.unknown-key,
 * yaml.missing-key, yaml.not-a-number, yaml.out-of-range, yaml.not-a-word, yaml.not-yes-or-no.
 */
#ifndef MB_YAML_YAML_H
#define MB_YAML_YAML_H

#include "base/base.h"

typedef enum YamlKind { YAML_SCALAR, YAML_LIST, YAML_MAP } YamlKind;

typedef struct YamlNode YamlNode;

typedef struct YamlPair {
    const YamlNode *key; /* always a scalar */
    const YamlNode *value;
} YamlPair;

struct YamlNode {
    YamlKind kind;
    Where where;            /* its first character; for a scalar `length` spans it when it stands on one line */
    const char *text;       /* scalar: its value, else NULL */
    bool quoted;            /* scalar: written in quotes or as a block */
    bool one_line;          /* scalar: text[i] stands at column + i (+ 1 when quoted) of the file */
    size_t n;               /* list: items; map: pairs */
    const YamlNode **items; /* list */
    const YamlPair *pairs;  /* map, in the order of the file, keys unique */
};

/* Reads and parses a file. On failure adds at least one diagnostic and leaves *ret_root alone. */
MUST_CHECK bool yaml_load(Arena *arena, const char *path, const YamlNode **ret_root, Diags *diags);

/* Has the file a line that begins with `key:`? A cheap look at what a file is, before it is read; false when it cannot
 * be looked at. */
bool yaml_has_key(const char *path, const char *key);

/* The same as yaml_load from memory; `path` is the name that diagnostics show. `text` is copied. */
MUST_CHECK bool yaml_parse(Arena *arena, const char *path, const char *text, size_t length, const YamlNode **ret_root,
                           Diags *diags);

/* Copies a tree, with each "{name}" in a scalar (keys too) replaced by the text of its value; places stay those of the
 * template. An unknown {name} stays as it is. Used for sweeps. */
const YamlNode *yaml_substitute(Arena *arena, const YamlNode *node, const char *const *names, const char *const *values,
                                size_t n_names);

/* Nodes of a tree (keys too), and how many bytes its scalars can have after yaml_substitute of values of `longest`. */
void yaml_size(const YamlNode *node, size_t longest, size_t *ret_nodes, size_t *ret_bytes);

/* Place of `length` bytes of a scalar's text from `offset`: in the file when one_line, else in an excerpt that shows
 * the text itself (line breaks as blanks) with its line number. */
Where yaml_where_in(Arena *arena, const YamlNode *scalar, size_t offset, size_t length);

/* The value of a key of a map, NULL if absent. `map` may be NULL or no map: NULL. */
const YamlNode *yaml_find(const YamlNode *map, const char *key);

/* The getters below check a node's kind and value and diagnose; `what` names the thing in the text of a diagnostic, for
 * example "the unit of 'k_P'". On failure they return false and leave *ret alone. */

/* Adds yaml.missing-key at the map when the key is absent. Returns NULL then. */
const YamlNode *yaml_need(const YamlNode *map, const char *key, const char *what, Diags *diags);

MUST_CHECK bool yaml_is(const YamlNode *node, YamlKind kind, const char *what, Diags *diags);
MUST_CHECK bool yaml_text(const YamlNode *node, const char *what, const char **ret_text, Diags *diags);
MUST_CHECK bool yaml_number(const YamlNode *node, const char *what, double low, double high, double *ret_value,
                            Diags *diags);
MUST_CHECK bool yaml_count(const YamlNode *node, const char *what, uint64_t low, uint64_t high, uint64_t *ret_value,
                           Diags *diags);
MUST_CHECK bool yaml_yes_no(const YamlNode *node, const char *what, bool *ret_value, Diags *diags);

/* One of `words`; *ret_index is its index. The diagnostic lists or suggests. */
MUST_CHECK bool yaml_word(const YamlNode *node, const char *what, const char *const *words, size_t n_words,
                          size_t *ret_index, Diags *diags);

/* Adds yaml.unknown-key, with a suggestion, for each key of `map` that is not among `allowed`. */
void yaml_only_keys(const YamlNode *map, const char *what, const char *const *allowed, size_t n_allowed, Diags *diags);

#endif
