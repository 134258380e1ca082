/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the notation of alleles and computes how much of a gene is expressed.
 */
#include <string.h>

#include "plan/genotype.h"

static const struct {
    const char *text;
    Allele allele;
} notation[] = {
    {"+", ALLELE_WILD}, {"fl", ALLELE_FLOXED}, {"-", ALLELE_NULL}, {"del", ALLELE_NULL}, {"KO", ALLELE_NULL}};

static bool allele_parse(const char *text, size_t length, Allele *ret_allele)
{
    for (size_t i = 0; i < ARRAY_LENGTH(notation); i++)
        if (strlen(notation[i].text) == length && memcmp(notation[i].text, text, length) == 0) {
            *ret_allele = notation[i].allele;
            return true;
        }
    return false;
}

bool alleles_parse(const char *text, Allele ret_alleles[2])
{
    const char *slash = strchr(text, '/');
    Allele first, second;
    if (slash == NULL || !allele_parse(text, (size_t)(slash - text), &first) ||
        !allele_parse(slash + 1, strlen(slash + 1), &second))
        return false;
    ret_alleles[0] = first;
    ret_alleles[1] = second;
    return true;
}

const char *allele_show(Allele allele)
{
    return notation[allele].text; /* the first three stand in the order of Allele */
}

static double allele_left(Allele allele, double recombined)
{
    return allele == ALLELE_WILD ? 1.0 : allele == ALLELE_FLOXED ? 1.0 - recombined : 0.0;
}

double genotype_level(double endogenous, const Allele alleles[2], double recombined, double extra)
{
    /* left + left before halving: 1 - f + 1 - f halves back to exactly 1 - f */
    return endogenous * ((allele_left(alleles[0], recombined) + allele_left(alleles[1], recombined)) / 2.0) + extra;
}

double genotype_recombined_by_both(double a, double b)
{
    return a + b * (1.0 - a); /* = 1 - (1 - a)(1 - b), and exactly b when a is 0 */
}
