/* IP addresses and networks as people write them: 203.0.113.7, 203.0.113.0/24, 2001:db8::1. */
#ifndef TRIVET_BASE_NETWORK_H
#define TRIVET_BASE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#define NETWORK_TEXT_SIZE 52

struct network {
    unsigned char bytes[16]; /* IPv4 fills the first four; bits of a host are zero */
    int bits;
    bool six;                /* IPv6 */
};

/* Strictly as inet_pton reads it, with or without "/bits". False: it is neither an address nor a network. */
bool network_read(const char *text, struct network *out);
/* "203.0.113.0/24"; of a single address without "/32" unless `cidr`. Returns out, of NETWORK_TEXT_SIZE. */
const char *network_text(const struct network *network, bool cidr, char *out, size_t size);
bool network_covers(const struct network *network, const struct network *inner); /* all of it; itself too */
bool network_same(const struct network *a, const struct network *b);
/* Which range that no host of the Internet has it lies in: "loopback", "private", "link-local", …; NULL: in none. */
const char *network_special(const struct network *network);

#endif
