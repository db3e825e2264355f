#include "base/network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int most_bits(const struct network *n) { return n->six ? 128 : 32; }

static void clear_host(struct network *n)
{
    for (int i = n->bits; i < 128; i++)
        n->bytes[i / 8] = (unsigned char)(n->bytes[i / 8] & ~(0x80 >> i % 8));
}

bool network_read(const char *text, struct network *out)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    *out = (struct network){.six = memchr(text, ':', len) != NULL};
    if (len >= sizeof address || !text_format(address, sizeof address, "%.*s", (int)len, text))
        return false;
    if (slash && (!slash[1] || strlen(slash + 1) > 3 || strspn(slash + 1, "0123456789") != strlen(slash + 1)))
        return false;
    out->bits = slash ? atoi(slash + 1) : most_bits(out);
    if (out->bits > most_bits(out) || inet_pton(out->six ? AF_INET6 : AF_INET, address, out->bytes) != 1)
        return false;
    clear_host(out);
    return true;
}

const char *network_text(const struct network *n, bool cidr, char *out, size_t size)
{
    char address[INET6_ADDRSTRLEN];
    inet_ntop(n->six ? AF_INET6 : AF_INET, n->bytes, address, sizeof address);
    if (cidr || n->bits != most_bits(n))
        text_format(out, size, "%s/%d", address, n->bits);
    else
        text_copy(out, size, address);
    return out;
}

bool network_covers(const struct network *n, const struct network *inner)
{
    int whole = n->bits / 8, rest = n->bits % 8;
    if (n->six != inner->six || n->bits > inner->bits || memcmp(n->bytes, inner->bytes, (size_t)whole) != 0)
        return false;
    return rest == 0 || (n->bytes[whole] ^ inner->bytes[whole]) >> (8 - rest) == 0;
}

bool network_same(const struct network *a, const struct network *b)
{
    return a->six == b->six && a->bits == b->bits && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

const char *network_special(const struct network *n)
{
    static const char *const ranges[][2] = {{"0.0.0.0/8", "unspecified"},   {"10.0.0.0/8", "private"},      {"100.64.0.0/10", "carrier's own"},
                                            {"127.0.0.0/8", "loopback"},    {"169.254.0.0/16", "link-local"}, {"172.16.0.0/12", "private"},
                                            {"192.168.0.0/16", "private"},  {"224.0.0.0/3", "multicast or reserved"},
                                            {"::/127", "loopback"},         {"::ffff:0:0/96", "IPv4 within IPv6"},
                                            {"fc00::/7", "private"},        {"fe80::/10", "link-local"},    {"ff00::/8", "multicast"}};
    struct network range;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (network_read(ranges[i][0], &range) && (network_covers(&range, n) || network_covers(n, &range)))
            return ranges[i][1];
    return NULL;
}
