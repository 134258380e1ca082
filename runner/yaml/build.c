/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds nodes from the events of libyaml, with aliases expanded and limits kept.
 */
#include <string.h>

#include <yaml.h>

#include "yaml/yaml_priv.h"

/* A list or map that is still open. */
typedef struct Frame {
    YamlNode *node;
    const YamlNode *key; /* map: the key that waits for its value, else NULL */
    VEC(const YamlNode *) items;
    VEC(YamlPair) pairs;
    Map keys;              /* text -> key node */
    size_t n_before;       /* nodes counted before this one, */
    size_t n_bytes_before; /* and bytes */
    size_t height;         /* levels of lists and maps inside */
    size_t anchor;         /* 1 + index into anchors; 0: none */
} Frame;

typedef struct Anchor {
    const YamlNode *node; /* NULL: still open */
    size_t n_nodes, n_bytes, height;
} Anchor;

typedef struct YamlBuilder {
    Arena *arena, *scratch;
    const Source *source;
    Diags *diags;
    yaml_parser_t *parser;
    Places places;
    Frame frames[YAML_MAX_LEVELS];
    size_t depth;
    size_t n_nodes; /* with aliases expanded; building stops above YAML_MAX_NODES, so that no sum can overflow */
    size_t n_bytes; /* of scalars, likewise: above YAML_MAX_BYTES */
    Map anchor_index;
    VEC(Anchor) anchors;
    const YamlNode *root;
    bool ended;
} YamlBuilder;

static Where where_of(YamlBuilder *b, yaml_mark_t mark)
{
    return place_at(&b->places, place_offset(&b->places, mark.index), 0);
}

/* What to do about libyaml's commonest complaints. */
static const char *syntax_hint(const char *problem)
{
    static const struct {
        const char *problem, *hint;
    } rows[] = {
        {"mapping values are not allowed", "put a text that holds ': ' in quotes, or check the indentation"},
        {"cannot start any token", "put a text that starts with this character in quotes"},
        {"could not find expected ':'", "write 'key: value'"},
        {"did not find expected key", "check the indentation, and that what follows a closing quote is a comment"},
        {"unexpected end of stream", "close the quote"},
        {"unknown escape character", "use single quotes, or write '\\\\' for a backslash"},
        {"did not find expected ',' or ']'", "close the list with ']'"},
        {"did not find expected ',' or '}'", "close the map with '}'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (strstr(problem, rows[i].problem) != NULL)
            return rows[i].hint;
    return NULL;
}

static bool syntax_error(YamlBuilder *b)
{
    const yaml_parser_t *parser = b->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        out_of_memory();
    const char *problem = parser->problem != NULL ? parser->problem : "libyaml gave no reason";
    size_t offset = place_offset(&b->places, parser->problem_mark.index);
    bool at_tab = offset < b->source->length && b->source->text[offset] == '\t';
    if (at_tab || strstr(problem, "tab character") != NULL)
        return diag_error(b->diags, "yaml.tab", place_at(&b->places, offset, 1), "indent with spaces",
                          "a tab is used for indentation");

    Where where = place_at(&b->places, offset, 0);
    if (parser->context == NULL)
        return diag_error(b->diags, "yaml.syntax", where, syntax_hint(problem), "%s", problem);
    Where began = where_of(b, parser->context_mark);
    /* Nothing to see at the end of the file, nor where a ':' is missed only: show what was left open. */
    if (offset == b->source->length || strstr(problem, "could not find expected ':'") != NULL)
        where = began;
    if (began.line == where.line)
        return diag_error(b->diags, "yaml.syntax", where, syntax_hint(problem), "%s %s", problem, parser->context);
    return diag_error(b->diags, "yaml.syntax", where, syntax_hint(problem), "%s %s that began on line %u", problem,
                      parser->context, (unsigned)began.line);
}

static bool count_nodes(YamlBuilder *b, size_t more, yaml_mark_t mark)
{
    b->n_nodes += more;
    if (b->n_nodes <= YAML_MAX_NODES)
        return true;
    return diag_error(b->diags, "yaml.too-many-nodes", where_of(b, mark), "split the file, or use fewer aliases",
                      "more than %d values, counted with aliases expanded", YAML_MAX_NODES);
}

/* What is made of a text is as long as the text, however short its alias is. */
static bool count_bytes(YamlBuilder *b, size_t more, yaml_mark_t mark)
{
    b->n_bytes += more;
    if (b->n_bytes <= YAML_MAX_BYTES)
        return true;
    return diag_error(b->diags, "yaml.too-large", where_of(b, mark), "use fewer aliases of long texts",
                      "more than %d MiB of text, counted with aliases expanded", YAML_MAX_BYTES >> 20);
}

static bool check_depth(YamlBuilder *b, size_t height, yaml_mark_t mark)
{
    if (b->depth + height <= YAML_MAX_LEVELS)
        return true;
    return diag_error(b->diags, "yaml.too-deep", where_of(b, mark), "flatten it",
                      "lists and maps are nested more than %d levels deep", YAML_MAX_LEVELS);
}

static bool check_tag(YamlBuilder *b, const yaml_char_t *tag, yaml_mark_t mark)
{
    if (tag == NULL)
        return true;
    return diag_error(b->diags, "yaml.syntax", where_of(b, mark), "remove it",
                      "tags such as '!!str' are not supported");
}

static Frame *top(YamlBuilder *b)
{
    return b->depth > 0 ? &b->frames[b->depth - 1] : NULL;
}

static bool expects_key(YamlBuilder *b)
{
    const Frame *frame = top(b);
    return frame != NULL && frame->node->kind == YAML_MAP && frame->key == NULL;
}

static bool key_is_no_scalar(YamlBuilder *b, YamlKind kind, Where where)
{
    return diag_error(b->diags, "yaml.wrong-kind", where, "write the key as plain text, or put it in quotes",
                      "a key must be a single value, but it is a %s", kind == YAML_LIST ? "list" : "map");
}

static bool yaml_add_key(YamlBuilder *b, Frame *frame, const YamlNode *key, Where where)
{
    if (key->kind != YAML_SCALAR)
        return key_is_no_scalar(b, key->kind, where);
    if (!key->quoted && text_equal(key->text, "<<"))
        return diag_error(b->diags, "yaml.syntax", where, "repeat the keys", "merge keys ('<<') are not supported");
    if (strlen(key->text) > YAML_MAX_KEY_BYTES)
        return diag_error(b->diags, "yaml.too-long", where, "shorten it", "a key has %zu bytes, more than %d",
                          strlen(key->text), YAML_MAX_KEY_BYTES);
    const YamlNode *first = map_find(&frame->keys, key->text);
    if (first != NULL)
        return diag_error(b->diags, "yaml.duplicate-key", where,
                          arena_print(b->diags->arena, "the first is on line %u", (unsigned)first->where.line),
                          "duplicate key '%s'", key->text);
    frame->key = key;
    return map_add(b->scratch, &frame->keys, key->text, key);
}

/* `where` differs from the node's own place for an alias. */
static bool add_node(YamlBuilder *b, const YamlNode *node, size_t height, Where where)
{
    Frame *frame = top(b);
    if (frame == NULL) {
        b->root = node;
        return true;
    }
    if (height > frame->height)
        frame->height = height;
    if (expects_key(b))
        return yaml_add_key(b, frame, node, where);
    if (frame->node->kind == YAML_LIST) {
        *vec_push(b->scratch, &frame->items) = node;
        return true;
    }
    *vec_push(b->scratch, &frame->pairs) = (YamlPair){frame->key, node};
    frame->key = NULL;
    return true;
}

/* A name may be used again: from then on it means the new node. Returns 1 + its index. */
static size_t anchor_open(YamlBuilder *b, const yaml_char_t *name)
{
    if (name == NULL)
        return 0;
    const size_t *known = map_find(&b->anchor_index, (const char *)name);
    if (known != NULL) {
        b->anchors.items[*known] = (Anchor){0};
        return *known + 1;
    }
    size_t *index = NEW(b->scratch, size_t);
    *index = b->anchors.n;
    (void)vec_push(b->scratch, &b->anchors);
    bool added = map_add(b->scratch, &b->anchor_index,
                         arena_copy_text(b->scratch, (const char *)name, strlen((const char *)name)), index);
    ASSERT(added);
    return *index + 1;
}

static void anchor_close(YamlBuilder *b, size_t anchor, Anchor closed)
{
    if (anchor > 0)
        b->anchors.items[anchor - 1] = closed;
}

/* libyaml starts a node at its anchor; we start it behind. */
static size_t start_of(YamlBuilder *b, yaml_mark_t mark, const yaml_char_t *anchor)
{
    size_t offset = place_offset(&b->places, mark.index);
    if (anchor != NULL) {
        offset += 1 + strlen((const char *)anchor);
        offset += strspn(b->source->text + offset, " \t\r\n");
    }
    return offset;
}

static void locate_scalar(YamlBuilder *b, const yaml_event_t *event, YamlNode *node)
{
    size_t start = start_of(b, event->start_mark, event->data.scalar.anchor);
    size_t end = place_offset(&b->places, event->end_mark.index), n = strlen(node->text);
    if (start > end) /* an anchor with nothing behind */
        start = end;
    yaml_scalar_style_t style = event->data.scalar.style;
    bool block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    const char *text = b->source->text;
    bool one_line = memchr(text + start, '\n', end - start) == NULL;

    node->quoted = style != YAML_PLAIN_SCALAR_STYLE;
    node->where = place_at(&b->places, start, one_line ? end - start : 0);
    size_t quote = node->quoted ? 1 : 0;
    node->one_line = one_line && !block && end - start == n + 2 * quote &&
                     memcmp(text + start + quote, node->text, n) == 0; /* no escapes */
}

/* The file has no control characters, but escapes may make them. A key is a name: it has one line. */
static bool check_characters(YamlBuilder *b, const char *value, size_t length, yaml_mark_t mark)
{
    bool is_key = expects_key(b), harmless;
    for (size_t at = 0, n; at < length; at += n) {
        uint32_t point;
        n = text_character(value + at, length - at, &harmless);
        bool layout = value[at] == '\t' || value[at] == '\n' || value[at] == '\r';
        if (harmless || (layout && !is_key))
            continue;
        if (text_decode(value + at, n, &point) == 0)
            point = 0xFFFD;
        return diag_error(b->diags, "yaml.encoding", where_of(b, mark), "remove it",
                          "'U+%04X', of an escape or a line break, is a control character%s", (unsigned)point,
                          is_key ? " in a key" : "");
    }
    return true;
}

static bool on_scalar(YamlBuilder *b, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    if (!check_tag(b, event->data.scalar.tag, event->start_mark) || !count_nodes(b, 1, event->start_mark) ||
        !count_bytes(b, event->data.scalar.length, event->start_mark))
        return false;
    if (!check_characters(b, value, event->data.scalar.length, event->start_mark))
        return false;
    YamlNode *node = NEW(b->arena, YamlNode);
    node->kind = YAML_SCALAR;
    node->text = arena_copy_text(b->arena, value, event->data.scalar.length);
    locate_scalar(b, event, node);
    anchor_close(b, anchor_open(b, event->data.scalar.anchor), (Anchor){node, 1, event->data.scalar.length, 0});
    return add_node(b, node, 0, node->where);
}

static bool on_start(YamlBuilder *b, const yaml_event_t *event, YamlKind kind, const yaml_char_t *anchor,
                     const yaml_char_t *tag)
{
    if (!check_tag(b, tag, event->start_mark))
        return false;
    if (expects_key(b))
        return key_is_no_scalar(b, kind, where_of(b, event->start_mark));
    if (!check_depth(b, 1, event->start_mark) || !count_nodes(b, 1, event->start_mark))
        return false;
    YamlNode *node = NEW(b->arena, YamlNode);
    node->kind = kind;
    node->where = place_at(&b->places, start_of(b, event->start_mark, anchor), 0);
    size_t opened = anchor_open(b, anchor);
    b->frames[b->depth++] =
        (Frame){.node = node, .n_before = b->n_nodes - 1, .n_bytes_before = b->n_bytes, .anchor = opened};
    return true;
}

static bool on_end(YamlBuilder *b)
{
    Frame frame = b->frames[--b->depth];
    YamlNode *node = frame.node;
    if (node->kind == YAML_LIST) {
        node->n = frame.items.n;
        const YamlNode **items = NEW_ARRAY(b->arena, const YamlNode *, node->n);
        for (size_t i = 0; i < node->n; i++)
            items[i] = frame.items.items[i];
        node->items = items;
    } else {
        node->n = frame.pairs.n;
        YamlPair *pairs = NEW_ARRAY(b->arena, YamlPair, node->n);
        for (size_t i = 0; i < node->n; i++)
            pairs[i] = frame.pairs.items[i];
        node->pairs = pairs;
    }
    anchor_close(b, frame.anchor,
                 (Anchor){node, b->n_nodes - frame.n_before, b->n_bytes - frame.n_bytes_before, frame.height + 1});
    return add_node(b, node, frame.height + 1, node->where);
}

static bool on_alias(YamlBuilder *b, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const size_t *index = map_find(&b->anchor_index, name);
    Where where = where_of(b, event->start_mark);
    where.length = (uint32_t)strlen(name) + 1;
    if (index == NULL)
        return diag_error(b->diags, "yaml.unknown-anchor", where,
                          arena_print(b->diags->arena, "mark the value that is meant with '&%s', before here", name),
                          "unknown anchor '%s'", name);
    Anchor anchor = b->anchors.items[*index];
    if (anchor.node == NULL)
        return diag_error(b->diags, "yaml.recursive-alias", where, "copy what is needed instead",
                          "the alias '%s' stands inside the value it means", name);
    return check_depth(b, anchor.height, event->start_mark) && count_nodes(b, anchor.n_nodes, event->start_mark) &&
           count_bytes(b, anchor.n_bytes, event->start_mark) && add_node(b, anchor.node, anchor.height, where);
}

static bool on_document(YamlBuilder *b, const yaml_event_t *event)
{
    if (b->root == NULL)
        return true;
    return diag_error(b->diags, "yaml.documents", where_of(b, event->start_mark), "keep one document in a file",
                      "a second document starts here");
}

static bool on_event(YamlBuilder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(b, event, YAML_LIST, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_start(b, event, YAML_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return on_end(b);
    case YAML_ALIAS_EVENT: return on_alias(b, event);
    case YAML_DOCUMENT_START_EVENT: return on_document(b, event);
    case YAML_STREAM_END_EVENT: b->ended = true; return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT: return true;
    }
    return true;
}

static bool build_all(YamlBuilder *b)
{
    while (!b->ended) {
        SCOPED(yaml_event_delete) yaml_event_t event = {0};
        if (yaml_parser_parse(b->parser, &event) == 0)
            return syntax_error(b);
        if (!on_event(b, &event))
            return false;
    }
    return true;
}

static bool is_nothing(const YamlNode *node)
{
    return node == NULL || (node->kind == YAML_SCALAR && !node->quoted && node->text[0] == '\0');
}

bool yaml_build(Arena *arena, const Source *source, const YamlNode **ret_root, Diags *diags)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    SCOPED(yaml_parser_delete) yaml_parser_t parser = {0};
    if (yaml_parser_initialize(&parser) == 0)
        out_of_memory();
    size_t mark = place_mark_length(source);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text + mark, source->length - mark);

    YamlBuilder *b = NEW(scratch, YamlBuilder);
    b->arena = arena;
    b->scratch = scratch;
    b->source = source;
    b->diags = diags;
    b->parser = &parser;
    b->places = places_new(scratch, source);
    if (!build_all(b))
        return false;
    if (is_nothing(b->root))
        return diag_error(diags, "yaml.empty", (Where){.source = source}, NULL,
                          "the file is empty or holds only comments");
    *ret_root = b->root;
    return true;
}
