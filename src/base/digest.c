#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void digest_sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE])
{
    uint8_t sum[SHA256_SIZE];
    EVP_Digest(data, len, sum, NULL, EVP_sha256(), NULL);
    digest_hex(sum, sizeof sum, out);
}

void digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[SHA256_SIZE])
{
    HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL);
}

void digest_sha1_hex(const void *data, size_t len, char out[41])
{
    uint8_t sum[20];
    EVP_Digest(data, len, sum, NULL, EVP_sha1(), NULL);
    digest_hex(sum, sizeof sum, out);
}

void digest_hex(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

static bool encode(struct str *out, const uint8_t *p, size_t len, const char *alphabet, bool pad)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0u);
        char four[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63]};
        memset(four + n + 1, '=', 3 - n);
        str_add(out, four, pad ? 4 : n + 1);
    }
    return !out->overflow;
}

bool base64_add(struct str *out, const void *data, size_t len)
{
    return encode(out, data, len, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

bool base64url_add(struct str *out, const void *data, size_t len)
{
    return encode(out, data, len, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_decode(const char *text, size_t len, struct str *out)
{
    uint32_t bits = 0;
    int have = 0;
    size_t digits = 0, i = 0;
    for (; i < len && text[i] != '='; i++) {
        int v = sextet(text[i]);
        if (v < 0 && (text[i] == '\n' || text[i] == '\r' || text[i] == ' '))
            continue;
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        digits++;
        if ((have += 6) >= 8) {
            have -= 8;
            str_addc(out, (char)(bits >> have & 0xFF));
        }
    }
    while (i < len && (text[i] == '=' || text[i] == '\n' || text[i] == '\r'))
        i++;
    return i == len && digits % 4 != 1 && !out->overflow;
}

bool percent_add(struct str *out, const char *text, size_t len, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~' ||
                     (c == '/' && keep_slash);
        if (plain)
            str_addc(out, (char)c);
        else
            str_add(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
    }
    return !out->overflow;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool percent_decode(const char *text, size_t len, bool plus_is_space, struct str *out)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '%') {
            str_addc(out, plus_is_space && text[i] == '+' ? ' ' : text[i]);
            continue;
        }
        bool whole = len - i > 2;
        int high = whole ? hex_digit(text[i + 1]) : -1, low = whole ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        str_addc(out, (char)(high << 4 | low));
        i += 2;
    }
    return !out->overflow;
}

void random_bytes(void *out, size_t len)
{
    if (RAND_bytes(out, (int)len) != 1) {
        fputs("trivet: no random bytes from the system\n", stderr);
        abort();
    }
}

void random_uuid(char out[37])
{
    uint8_t b[16];
    random_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0F) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
    char hex[33];
    digest_hex(b, sizeof b, hex);
    text_format(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
