/* SPDX-License-Identifier: Apache-2.0
 *
 * How much of a gene is left at a site: one pure function. The notation is the mouse geneticist's.
 */
#ifndef MB_PLAN_GENOTYPE_H
#define MB_PLAN_GENOTYPE_H

#include "base/base.h"

typedef enum Allele { ALLELE_WILD, ALLELE_FLOXED, ALLELE_NULL } Allele;

/* "fl/-" -> two alleles: + wild type, fl floxed, - (also del, KO) null. False for anything else. */
MUST_CHECK bool alleles_parse(const char *text, Allele ret_alleles[2]);

/* "+", "fl" or "-". */
const char *allele_show(Allele allele);

/* Level of expression relative to a wild-type site:
 *
 *   endogenous * (left(a) + left(b)) / 2 + extra,   left(+) = 1, left(fl) = 1 - recombined, left(-) = 0
 *
 * endogenous: level of the wild type there (1; 0 at a site where only a transgene is expressed). recombined: fraction
 * of the site's cells in which the drivers have deleted floxed alleles by now, 0 to 1. extra: what transgenes add, in
 * wild-type levels: an N-fold overexpression adds N - 1. Exactly 1 for +/+, and for fl/fl with recombined = 0. */
double genotype_level(double endogenous, const Allele alleles[2], double recombined, double extra);

/* Fraction recombined when several drivers act one after the other: 1 - (1 - a)(1 - b). */
double genotype_recombined_by_both(double a, double b);

#endif
