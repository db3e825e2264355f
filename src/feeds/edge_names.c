/* What belongs to the edge beside CloudFront: the names in Route 53 that lead to it, the certificates in ACM, where the web ACL's log goes. */
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"
#include "feeds/edge_reading.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define WILDCARD "\\052" /* Route 53's way to write an asterisk */

/* A name without its last dot. */
static void name_of(const char *text, char *out, size_t size)
{
    size_t len = strlen(text);
    bool wild = text_starts(text, WILDCARD);
    char name[EDGE_NAME];
    text_format(name, sizeof name, "%s%.*s", wild ? "*" : "", (int)(len - (wild ? strlen(WILDCARD) : 0) - (len && text[len - 1] == '.')),
                wild ? text + strlen(WILDCARD) : text);
    text_clean(out, size, name, strlen(name));
}

/* Zones. */

void map_edge_zone(const json_t *row, struct edge_zone *z)
{
    const char *id = json_text_or(row, "Id", ""), *slash = strrchr(id, '/');
    *z = (struct edge_zone){.is_private = json_flag(row, "Config.PrivateZone", false), .records = json_int(row, "ResourceRecordSetCount", -1)};
    text_clean(z->id, sizeof z->id, slash ? slash + 1 : id, strlen(slash ? slash + 1 : id));
    name_of(json_text_or(row, "Name", ""), z->name, sizeof z->name);
}

static void got_zones(struct edge_reading *r, const json_t *output, size_t arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "HostedZones"), i, row)
        if (edge_room(r, EDGE_ZONES, i))
            map_edge_zone(row, vec_add(&r->edge.zones));
    edge_ask_records(r);
}

/* Records: not whole zones, which can be long, but the names that matter: those of the distributions, and those of their origins. */

static void target_of(const json_t *row, char *out, size_t size)
{
    struct str text = STR_INIT(1024);
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(row, "ResourceRecords"), i, value)
        str_addf(&text, "%s%s", text.len ? " " : "", json_text_or(value, "Value", ""));
    name_of(text.len ? str_text(&text) : json_text_or(row, "AliasTarget.DNSName", ""), out, size);
    str_free(&text);
}

void map_edge_record(const json_t *row, const char *zone, struct edge_record *record)
{
    *record = (struct edge_record){.alias = json_object_get(row, "AliasTarget") != NULL};
    text_copy(record->zone, sizeof record->zone, zone);
    name_of(json_text_or(row, "Name", ""), record->name, sizeof record->name);
    FIELD(record->type, row, "Type");
    FIELD(record->set, row, "SetIdentifier");
    target_of(row, record->target, sizeof record->target);
}

static bool leads_somewhere(const struct edge_record *r) { return !strcmp(r->type, "A") || !strcmp(r->type, "AAAA") || !strcmp(r->type, "CNAME"); }

static bool has_record(const struct account_edge *e, const struct edge_record *r)
{
    for (size_t i = 0; i < e->records.len; i++) {
        const struct edge_record *other = &e->records.at[i];
        if (!strcmp(other->zone, r->zone) && !strcmp(other->name, r->name) && !strcmp(other->type, r->type) && !strcmp(other->set, r->set))
            return true;
    }
    return false;
}

static bool is_asked(const struct account_edge *e, const char *name)
{
    for (size_t i = 0; i < e->aliases.len; i++)
        if (text_same_case(e->aliases.at[i].name, name))
            return true;
    for (size_t i = 0; i < e->origins.len; i++)
        if (text_same_case(e->origins.at[i].domain, name))
            return true;
    return false;
}

/* The answer begins with the records of the name that was asked for; those of the names behind it may be of no interest. */
static void got_records(struct edge_reading *r, const json_t *output, size_t arg)
{
    const json_t *input = json_object_get(output, "ResourceRecordSets");
    size_t i;
    json_t *row;
    json_array_foreach(input, i, row) {
        struct edge_record record;
        map_edge_record(row, r->edge.zones.at[arg].id, &record);
        if (is_asked(&r->edge, record.name) && leads_somewhere(&record) && !has_record(&r->edge, &record))
            *vec_add(&r->edge.records) = record;
    }
}

static void ask_name(struct edge_reading *r, const char *name, bool is_private)
{
    const struct edge_zone *z = edge_zone_of(&r->edge, name, is_private);
    if (!z || !edge_room(r, EDGE_RECORDS, (size_t)r->asked[EDGE_RECORDS]))
        return;
    edge_ask(r, EDGE_RECORDS, "route53", "ListResourceRecordSets",
             json_pack("{s:s, s:s, s:s}", "HostedZoneId", z->id, "StartRecordName", name, "MaxItems", "30"), false, got_records,
             (size_t)(z - r->edge.zones.at));
}

void edge_ask_records(struct edge_reading *r)
{
    if (!r->answered[EDGE_ZONES] || !r->answered[EDGE_DISTRIBUTIONS])
        return;
    for (size_t i = 0; i < r->edge.aliases.len; i++)
        ask_name(r, r->edge.aliases.at[i].name, false);
    for (size_t i = 0; i < r->edge.origins.len; i++)
        for (int is_private = 0; is_private < 2; is_private++)
            if (!*r->edge.origins.at[i].vpc_origin)
                ask_name(r, r->edge.origins.at[i].domain, is_private == 1);
}

/* Certificates. */

void map_edge_certificate(const json_t *row, struct edge_certificate *c)
{
    *c = (struct edge_certificate){.used = json_flag(row, "InUse", false), .expires_at = json_when(row, "NotAfter")};
    FIELD(c->arn, row, "CertificateArn");
    FIELD(c->domain, row, "DomainName");
    FIELD(c->status, row, "Status");
    FIELD(c->type, row, "Type");
}

static struct edge_certificate *put_certificate(struct account_edge *e, const struct edge_certificate *c)
{
    for (size_t i = 0; i < e->certificates.len; i++)
        if (!strcmp(e->certificates.at[i].arn, c->arn))
            return &e->certificates.at[i];
    struct edge_certificate *new = vec_add(&e->certificates);
    *new = *c;
    return new;
}

static void got_certificates(struct edge_reading *r, const json_t *output, size_t arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "CertificateSummaryList"), i, row)
        if (edge_room(r, EDGE_CERTIFICATES, i)) {
            struct edge_certificate c;
            map_edge_certificate(row, &c);
            put_certificate(&r->edge, &c);
        }
}

static void got_certificate(struct edge_reading *r, const json_t *output, size_t arg)
{
    const json_t *row = json_object_get(output, "Certificate");
    struct edge_certificate c, *kept;
    (void)arg;
    map_edge_certificate(row, &c);
    kept = put_certificate(&r->edge, &c);
    kept->used = true;
    kept->expires_at = c.expires_at;
    text_copy(kept->status, sizeof kept->status, c.status);
    FIELD(kept->renewal, row, "RenewalSummary.RenewalStatus");
}

void edge_ask_certificates(struct edge_reading *r)
{
    for (size_t i = 0; i < r->edge.distributions.len; i++) {
        const char *arn = r->edge.distributions.at[i].certificate;
        bool again = !text_starts(arn, "arn:");
        for (size_t k = 0; k < i && !again; k++)
            again = !strcmp(r->edge.distributions.at[k].certificate, arn);
        if (!again)
            edge_ask(r, EDGE_CERTIFICATES, "acm", "DescribeCertificate", json_pack("{s:s}", "CertificateArn", arn), false, got_certificate, 0);
    }
}

/* Logging. */

void map_edge_log(const json_t *row, struct edge_log *log)
{
    *log = (struct edge_log){0};
    FIELD(log->acl, row, "ResourceArn");
    FIELD(log->to, row, "LogDestinationConfigs.0");
}

static void got_logs(struct edge_reading *r, const json_t *output, size_t arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "LoggingConfigurations"), i, row)
        if (edge_room(r, EDGE_LOGGING, i))
            map_edge_log(row, vec_add(&r->edge.logs));
}

/* Without the key types only certificates of RSA are listed. */
void edge_ask_names(struct edge_reading *r)
{
    edge_ask(r, EDGE_ZONES, "route53", "ListHostedZones", NULL, true, got_zones, 0);
    edge_ask(r, EDGE_CERTIFICATES, "acm", "ListCertificates",
             json_pack("{s:{s:[s, s, s, s, s, s]}}", "Includes", "keyTypes", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1",
                       "EC_secp521r1"), true,
             got_certificates, 0);
    edge_ask(r, EDGE_LOGGING, "wafv2", "ListLoggingConfigurations", json_pack("{s:s, s:i}", "Scope", "CLOUDFRONT", "Limit", 100), true, got_logs, 0);
}
