/* SPDX-License-Identifier: Apache-2.0
 *
 * units: dimensions and scales of physical quantities. Front door of the room, the only one that uses UDUNITS-2.
 * UDUNITS-2 reads the text of a unit; our own functions multiply, compare and convert units as plain values.
 *
 * Life cycle: units_open, any number of units_parse and quantity_parse, units_close.
 *
 * Beside UDUNITS' own names: wk (week of 7 days), cell and cells (a count: 1), M and molar (mol/L, with prefixes: nM,
 * pM), U (enzyme unit, umol/min). Refused: offsets (degC), logarithms, points in time, and numbers other than a leading
 * "1/" and whole powers ("5 day", "m^0.5").
 *
 * Thread rule: units_parse and quantity_parse use state of UDUNITS: only one thread at a time may call them. The other
 * functions are pure.
 */
#ifndef MB_UNITS_UNITS_H
#define MB_UNITS_UNITS_H

#include "base/base.h"

typedef struct Units Units;

/* Base dimensions in this order: length, mass, time, electric current, temperature, amount of substance, luminous
 * intensity. An angle is a pure number. */
enum { UNIT_BASES = 7 };

/* A value v in this unit is v * scale in SI base units. Plain data; compare with the functions below, never with ==. */
typedef struct Unit {
    double scale;
    double power[UNIT_BASES]; /* may be a fraction, as in (nmol/L)^0.5 */
} Unit;

/* A number with a unit, as in "5 mg/kg". */
typedef struct Quantity {
    double value;
    Unit unit;
    const char *unit_text; /* as written, points into the text that was parsed; "1" when there was none */
} Quantity;

/* Reads UDUNITS' database. NULL and *reterr when that fails (not installed, unreadable). */
Units *units_open(Err *reterr);
void units_close(Units **units);

/* On failure *ret_reason says why in a few words ("is not a unit that UDUNITS-2 knows", "has an offset, ..."). */
MUST_CHECK bool units_parse(Units *units, const char *text, Unit *ret_unit, const char **ret_reason);

/* "5 mg/kg", "12 wk", "1e-4 pmol/L/day", "0.3": a number, then a unit. No unit: a pure number. */
MUST_CHECK bool quantity_parse(Units *units, const char *text, Quantity *ret_quantity, const char **ret_reason);

/* A hint for a misspelt unit ("did you mean 'day'?" for "mg/dya"), NULL if none. From a list of the field's units. */
const char *units_suggest(Diags *diags, const char *text);

Unit unit_one(void);
Unit unit_times(Unit a, Unit b);
Unit unit_over(Unit a, Unit b);
Unit unit_raised(Unit unit, double power);

/* True when both have the same dimension; their scales may differ. */
bool unit_converts(Unit from, Unit to);
bool unit_is_number(Unit unit);

/* The factor that converts a value in `from` to `to`. The units must have the same dimension (ASSERT). Exactly 1 when
 * the two scales differ by rounding only (1e-12 relative), and exact for ratios of whole numbers such as week to day.
 * */
double unit_factor(Unit from, Unit to);

/* For people: "pmol L-1 day-1" is not reconstructed; this prints SI base units, as "1.15741e-14 m-3 s-1 mol" or "1". */
const char *unit_show(Arena *arena, Unit unit);

/* For provenance: "UDUNITS-2 2.2.28"; without the number when the build does not define MB_UDUNITS_VERSION. */
const char *units_version(void);

#endif
