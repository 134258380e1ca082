/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses units and quantities with UDUNITS-2, and adds the units that UDUNITS-2 does not have.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include <udunits2.h>

#include "units/units.h"

enum { UNIT_TEXT_MAX = 200 };

struct Units {
    Arena *arena;
    ut_system *system;
    ut_unit *bases[UNIT_BASES]; /* in the order of UNIT_BASES */
};

static const char *const BASE_SYMBOLS[UNIT_BASES] = {"m", "kg", "s", "A", "K", "mol", "cd"};

static const char UNKNOWN[] = "is not a unit that UDUNITS-2 knows";
static const char OFFSET[] = "has an offset, and an offset cannot be scaled: use a unit that starts at zero, such as K";

/* Called when UDUNITS fails; errno was 0 before that call. Lack of memory is not a fault of the unit. */
static void check_memory(void)
{
    if (errno == ENOMEM)
        out_of_memory();
}

/* Adds units that models of bone use and UDUNITS-2 lacks, as symbols: only a symbol accepts the prefixes n and p. */
static bool add_own_units(Units *units)
{
    static const struct {
        const char *symbol, *meaning;
    } rows[] = {{"wk", "week"}, {"cell", "1"}, {"cells", "1"}, {"M", "mol/L"}, {"molar", "mol/L"}, {"U", "umol/min"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ut_unit *meaning = ut_parse(units->system, rows[i].meaning, UT_UTF8);
        bool mapped = meaning != NULL && ut_map_symbol_to_unit(rows[i].symbol, UT_UTF8, meaning) == UT_SUCCESS;
        ut_free(meaning);
        if (!mapped)
            return false;
    }
    return true;
}

static bool find_bases(Units *units)
{
    for (size_t i = 0; i < UNIT_BASES; i++) {
        units->bases[i] = ut_get_unit_by_symbol(units->system, BASE_SYMBOLS[i]);
        if (units->bases[i] == NULL)
            return false;
    }
    return true;
}

Units *units_open(Err *reterr)
{
    ut_set_error_message_handler(ut_ignore); /* only cli/ prints */
    errno = 0;
    ut_system *system = ut_read_xml(NULL);
    if (system == NULL) {
        check_memory();
        err_set(reterr, ERR_STORE, "cannot read the units database of UDUNITS-2: %s",
                errno != 0 && errno != ENOENT ? strerror(errno) : "is udunits2 installed?");
        return NULL;
    }
    Arena *arena = arena_open();
    Units *units = NEW(arena, Units);
    units->arena = arena;
    units->system = system;
    if (!find_bases(units) || !add_own_units(units)) {
        check_memory();
        err_set(reterr, ERR_INPUT, "the units database of UDUNITS-2 lacks 'kg' or 'mol', or has its own 'wk' or 'M'");
        units_close(&units);
        return NULL;
    }
    return units;
}

void units_close(Units **units)
{
    if (*units == NULL)
        return;
    for (size_t i = 0; i < UNIT_BASES; i++)
        ut_free((*units)->bases[i]);
    ut_free_system((*units)->system);
    Arena *arena = (*units)->arena;
    arena_close(&arena);
    *units = NULL;
}

/* The result of the visitor below. */
typedef struct UnitFound {
    const Units *units;
    Unit unit;
    const char *reason; /* not NULL: refused */
} UnitFound;

static void found_base(UnitFound *found, const ut_unit *base, double power)
{
    for (size_t i = 0; i < UNIT_BASES; i++)
        if (ut_compare(base, found->units->bases[i]) == 0)
            found->unit.power[i] += power; /* the only other base is the radian, a pure number */
}

static ut_status on_basic(const ut_unit *unit, void *arg)
{
    found_base(arg, unit, 1.0);
    return UT_SUCCESS;
}

static ut_status on_product(const ut_unit *unit, int count, const ut_unit *const *basic, const int *powers, void *arg)
{
    (void)unit;
    for (int i = 0; i < count; i++)
        found_base(arg, basic[i], powers[i]);
    return UT_SUCCESS;
}

static ut_status on_galilean(const ut_unit *unit, double scale, const ut_unit *under, double offset, void *arg);

static ut_status on_timestamp(const ut_unit *unit, const ut_unit *time_unit, double origin, void *arg)
{
    (void)unit, (void)time_unit, (void)origin;
    ((UnitFound *)arg)->reason = "is a point in time: use a unit such as day";
    return UT_SUCCESS;
}

static ut_status on_logarithmic(const ut_unit *unit, double base, const ut_unit *reference, void *arg)
{
    (void)unit, (void)base, (void)reference;
    ((UnitFound *)arg)->reason = "is logarithmic, and a logarithm cannot be scaled";
    return UT_SUCCESS;
}

static const ut_visitor VISITOR = {on_basic, on_product, on_galilean, on_timestamp, on_logarithmic};

static ut_status on_galilean(const ut_unit *unit, double scale, const ut_unit *under, double offset, void *arg)
{
    (void)unit;
    UnitFound *found = arg;
    if (fabs(offset) > 0.0)
        found->reason = OFFSET;
    found->unit.scale *= scale;
    return ut_accept_visitor(under, &VISITOR, arg);
}

static bool units_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

typedef enum Kind { OTHER, WORD, NUMBER, BRACKET, SYMBOL } Kind;

/* The role of the character at `text` (valid UTF-8) in a unit, and its number of bytes. */
static Kind kind_of(const char *text, size_t *ret_length)
{
    static const char *const raised[] = {"\xC2\xB9", "\xC2\xB2", "\xC2\xB3"}; /* 1 to 3 */
    *ret_length = 1;
    while (((unsigned char)text[*ret_length] & 0xC0) == 0x80)
        (*ret_length)++;
    for (size_t i = 0; i < ARRAY_LENGTH(raised); i++)
        if (strncmp(text, raised[i], 2) == 0)
            return NUMBER;
    if (strncmp(text, "\xE2\x81", 2) == 0) /* the other raised digits and signs */
        return NUMBER;
    if ((unsigned char)text[0] >= 0x80)
        return strncmp(text, "\xC2\xB7", 2) == 0 ? OTHER : WORD; /* a raised point multiplies */
    if (units_is_letter(text[0]) || text[0] == '_')
        return WORD;
    if (text[0] >= '0' && text[0] <= '9')
        return NUMBER;
    return text[0] == ')' ? BRACKET : text[0] != '\0' && strchr("%'\"", text[0]) != NULL ? SYMBOL : OTHER;
}

/* True when the text before `end` ends in `word`, in upper or lower case as UDUNITS reads it. No unit ends so. */
static bool ends_in(const char *text, size_t end, const char *word)
{
    size_t length = strlen(word);
    return end >= length && strncasecmp(text + end - length, word, length) == 0;
}

/* True when the digits [at, end) are not a power of the word before them, but a divisor ("per5"), or a point in time
 * with more text after it. (UDUNITS reports a point in time at the end of the text itself: "day since20000101".) */
static bool is_joined(const char *text, size_t at, size_t end)
{
    static const char *const origins[] = {"since", "from", "after", "ref"};
    bool joined = ends_in(text, at, "per");
    for (size_t i = 0; text[end] != '\0' && i < ARRAY_LENGTH(origins); i++)
        joined = joined || ends_in(text, at, origins[i]);
    return joined;
}

/* True when the unit contains a number. UDUNITS reads "5 day", "m 5" and even "m^0.5" (as m^0 times 0.5) as scaled
 * units. Digits are a power when they follow a word, a bracket, '^' or '**', with or without a sign. All other digits
 * are a number, except the 1 of "1/day". */
static bool has_number(const char *text)
{
    size_t at = text[0] == '1' && (text[1] == '\0' || text[1 + strspn(text + 1, " ")] == '/') ? 1 : 0, length;
    bool takes_power = false;
    while (text[at] != '\0') {
        size_t sign = text[at] == '-' || text[at] == '+' ? 1 : 0, digits = strspn(text + at + sign, "0123456789");
        if (digits > 0 && (!takes_power || is_joined(text, at, at + sign + digits)))
            return true;
        Kind kind = kind_of(text + at, &length);
        takes_power = digits == 0 && ((kind != OTHER && kind != NUMBER) || text[at] == '^' ||
                                      (at > 0 && text[at] == '*' && text[at - 1] == '*'));
        at += digits > 0 ? sign + digits : length;
    }
    return false;
}

/* Copies the text with a blank between factors that stand side by side: "m^2g" becomes "m^2 g". UDUNITS 2.2.28 leaks
 * the memory of a word that directly follows something that it cannot multiply ("1/(Bm)m"). Digits between letters
 * belong to the word ("cmH2O"). */
static void separate(const char *text, char *copy)
{
    Kind before = OTHER;
    size_t length;
    for (; *text != '\0'; text += length) {
        Kind kind = kind_of(text, &length);
        if (before == WORD && *text >= '0' && *text <= '9')
            kind = WORD;
        bool starts = kind == WORD && (before == NUMBER || before == BRACKET || before == SYMBOL);
        if (starts || (kind == SYMBOL && before != OTHER))
            *copy++ = ' ';
        memcpy(copy, text, length);
        copy += length;
        before = kind;
    }
    *copy = '\0';
}

/* True when the text is valid for UDUNITS, which ignores a last byte that is not UTF-8 ("m\xB2", Latin-1 for m2, would
 * be a length) and prints a line break. */
static bool is_clean(const char *text)
{
    size_t left = strlen(text), length;
    for (; left > 0; text += length, left -= length) {
        uint32_t point;
        length = text_decode(text, left, &point);
        if (length == 0 || point > 0xFFFF || (point < 0x20 && point != '\t'))
            return false; /* no unit has a character beyond U+FFFF */
    }
    return true;
}

/* Copies the text without the blanks around it, and with "1" before a leading '/'. */
static bool clean_copy(const char *text, char copy[UNIT_TEXT_MAX + 2])
{
    static const char BLANKS[] = " \t\r\n";
    text += strspn(text, BLANKS);
    size_t length = strlen(text), lead = text[0] == '/' ? 1 : 0;
    while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
        length--;
    if (length > UNIT_TEXT_MAX)
        return false;
    copy[0] = '1';
    memcpy(copy + lead, text, length);
    copy[lead + length] = '\0';
    return true;
}

static const char *read_unit(const Units *units, const char *text, Unit *ret_unit)
{
    if (!is_clean(text))
        return UNKNOWN;
    if (has_number(text)) /* before UDUNITS reads it: 2.2.28 leaks the memory of a word after a zero ("0 g") */
        return "has a number of its own: a unit has whole powers only, as in 1/day or mm2";
    char separated[2 * UNIT_TEXT_MAX + 3];
    separate(text, separated);
    errno = 0;
    ut_unit *parsed = ut_parse(units->system, separated, UT_UTF8);
    if (parsed == NULL) {
        check_memory();
        return UNKNOWN;
    }
    UnitFound found = {.units = units, .unit = unit_one()};
    ut_status status = ut_accept_visitor(parsed, &VISITOR, &found);
    ut_free(parsed);
    if (found.reason != NULL)
        return found.reason;
    if (status != UT_SUCCESS || !isfinite(found.unit.scale) || found.unit.scale < 1e-250 || found.unit.scale > 1e250)
        return "is too large or too small to compute with";
    *ret_unit = found.unit;
    return NULL;
}

bool units_parse(Units *units, const char *text, Unit *ret_unit, const char **ret_reason)
{
    char copy[UNIT_TEXT_MAX + 2];
    const char *reason;
    if (!clean_copy(text, copy))
        reason = "is too long for a unit";
    else if (copy[0] == '\0')
        reason = "is empty: write 1 for a pure number";
    else
        reason = read_unit(units, copy, ret_unit);
    if (reason != NULL)
        *ret_reason = reason;
    return reason == NULL;
}

bool quantity_parse(Units *units, const char *text, Quantity *ret_quantity, const char **ret_reason)
{
    Quantity quantity = {.unit = unit_one(), .unit_text = "1"};
    text += strspn(text, " \t");
    size_t used = number_read(text, &quantity.value);
    if (used == 0) {
        *ret_reason = "does not start with a number";
        return false;
    }
    text += used + strspn(text + used, " \t");
    if (text[0] != '\0') {
        quantity.unit_text = text;
        if (!units_parse(units, text, &quantity.unit, ret_reason))
            return false;
    }
    *ret_quantity = quantity;
    return true;
}

/* The units that models of bone are written in. */
static const char *const WORDS[] = {"day",   "days",    "wk",   "week",   "weeks", "month", "year",   "hour",
                                    "hours", "h",       "min",  "minute", "s",     "sec",   "second", "g",
                                    "mg",    "kg",      "ug",   "ng",     "pg",    "mol",   "mmol",   "umol",
                                    "nmol",  "pmol",    "fmol", "L",      "liter", "litre", "mL",     "uL",
                                    "dL",    "percent", "cell", "cells",  "m",     "cm",    "mm",     "um",
                                    "nm",    "molar",   "M",    "mM",     "uM",    "nM",    "pM",     "U",
                                    "J",     "N",       "Pa",   "kPa",    "MPa",   "GPa",   "per",    "minutes"};

static bool is_known_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++)
        if (text_equal(word, WORDS[i]))
            return true;
    return false;
}

const char *units_suggest(Diags *diags, const char *text)
{
    if (strlen(text) > UNIT_TEXT_MAX || has_number(text)) /* the fault is not a misspelling */
        return NULL;
    while (*text != '\0') {
        size_t length = 0;
        while (units_is_letter(text[length]))
            length++;
        const char *word = arena_copy_text(diags->arena, text, length);
        /* Words of two letters are near to every unit. */
        const char *hint = length >= 3 && !is_known_word(word) ? diags_suggest(diags, word, WORDS, ARRAY_LENGTH(WORDS))
                                                               : NULL;
        if (hint != NULL)
            return hint;
        text += length > 0 ? length : 1;
    }
    return NULL;
}

const char *units_version(void)
{
#ifdef MB_UDUNITS_VERSION /* the library has no function that tells its version */
    return "UDUNITS-2 " MB_UDUNITS_VERSION;
#else
    return "UDUNITS-2";
#endif
}
