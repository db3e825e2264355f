#include "feeds/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double quantity(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1},    {"n", 1e-9},  {"u", 1e-6},     {"m", 1e-3},        {"k", 1e3},           {"M", 1e6},              {"G", 1e9},
                 {"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0},
                 {"Pi", 1125899906842624.0}, {"Ei", 1152921504606846976.0}};
    char *end;
    /* strtod knows more than a quantity may be: blanks, hexadecimal, infinity. */
    size_t number = strspn(text, "+-.0123456789");
    if (!number || text[number] == 'x' || text[number] == 'X')
        return 0;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value))
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].suffix) == 0)
            return value * units[i].factor;
    return 0;
}

int64_t quantity_whole(double number, int64_t most)
{
    if (!(number > 0))
        return 0;
    return number >= (double)most ? most : (int64_t)number;
}
