#include "aws/endpoint.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct partition {
    const char *prefix; /* of its regions' names */
    const char *suffix;
    const char *global_region; /* global services sign this one */
};
static const struct partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "cn-northwest-1"},    {"us-gov-", "amazonaws.com", "us-gov-west-1"},
    {"us-isob-", "sc2s.sgov.gov", "us-isob-east-1"},  {"us-isof-", "csp.hci.ic.gov", "us-isof-south-1"},
    {"us-iso-", "c2s.ic.gov", "us-iso-east-1"},       {"eu-isoe-", "cloud.adc-e.uk", "eu-isoe-west-1"},
    {"eusc-", "amazonaws.eu", "eusc-de-east-1"},      {"", "amazonaws.com", "us-east-1"},
};

/* Global services whose host in another partition is not made as the others are, or that sign another region there (NULL: the partition's). */
static const struct odd_host {
    const char *service, *prefix, *host, *region;
} odd_hosts[] = {
    {"budgets", "cn-", "budgets.amazonaws.com.cn"},
    {"budgets", "us-gov-", "budgets.amazonaws.com"},
    {"cloudfront", "us-gov-", "cloudfront.amazonaws.com"},
    {"iam", "cn-", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"iam", "us-gov-", "iam.us-gov.amazonaws.com"},
    {"route53", "cn-", "route53.amazonaws.com.cn"},
    {"route53", "us-gov-", "route53.us-gov.amazonaws.com"},
};

static const struct odd_host *odd_host(const char *service, const char *region)
{
    for (size_t i = 0; i < sizeof odd_hosts / sizeof *odd_hosts; i++)
        if (!strcmp(odd_hosts[i].service, service) && text_starts(region, odd_hosts[i].prefix))
            return &odd_hosts[i];
    return NULL;
}

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;
    while (!text_starts(region, p->prefix))
        p++;
    return p;
}

const char *aws_global_region(const char *region) { return partition_of(region)->global_region; }

/* "Elastic Load Balancing v2" → AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2, and elastic_load_balancing_v2 in [services]. */
static void service_key(const char *id, const char *start, bool upper, char *out, size_t size)
{
    text_copy(out, size, start);
    size_t len = strlen(out);
    for (; *id && len + 1 < size; id++)
        out[len++] = *id == ' ' || *id == '-' ? '_' : (char)(upper ? toupper((unsigned char)*id) : tolower((unsigned char)*id));
    out[len] = '\0';
}

static const char *not_empty(const char *s) { return s && *s ? s : NULL; }

static const char *configured(const struct aws_config *config, const char *profile, const char *id)
{
    char name[128];
    const char *ignore = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignore && text_same_case(ignore, "true"))
        return NULL;
    service_key(id, "AWS_ENDPOINT_URL_", true, name, sizeof name);
    const char *url = not_empty(getenv(name));
    if (!url)
        url = not_empty(getenv("AWS_ENDPOINT_URL"));
    const char *services = aws_config_get(config, CONFIG_PROFILE, profile, "services");
    if (!url && services) {
        service_key(id, "", false, name, sizeof name - sizeof ".endpoint_url");
        size_t len = strlen(name);
        text_copy(name + len, sizeof name - len, ".endpoint_url");
        url = not_empty(aws_config_get(config, CONFIG_SERVICES, services, name));
    }
    return url ? url : not_empty(aws_config_get(config, CONFIG_PROFILE, profile, "endpoint_url"));
}

static bool take_url(const char *url, struct aws_endpoint *out, struct error *e)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
    bool good = parts && !curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) && !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
                !curl_url_get(parts, CURLUPART_HOST, &host, 0) && !curl_url_get(parts, CURLUPART_PATH, &path, 0);
    if (good && (!strcmp(scheme, "http") || !strcmp(scheme, "https"))) {
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        text_format(out->host, sizeof out->host, "%s%s%s", host, port ? ":" : "", port ? port : "");
        text_format(out->base, sizeof out->base, "%s://%s", scheme, out->host);
        text_copy(out->path, sizeof out->path, path);
        while (*out->path && out->path[strlen(out->path) - 1] == '/')
            out->path[strlen(out->path) - 1] = '\0';
    } else {
        good = false;
        error_set(e, ERROR_INPUT, "Endpoint", "endpoint URL \"%s\": expected http://host[:port] or https://host[:port]", url);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_url_cleanup(parts);
    return good;
}

bool aws_region_good(const char *region)
{
    size_t len = strlen(region);
    return len > 0 && len < sizeof ((struct aws_endpoint *)0)->region &&
           strspn(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool aws_endpoint_resolve(const struct aws_config *config, const char *profile, const struct aws_service *service, const char *region,
                          const char *host_prefix, struct aws_endpoint *out, struct error *e)
{
    const struct aws_table *t = &aws_table;
    const struct partition *partition = partition_of(region);
    const char *url = configured(config, profile, aws_name(t, service->id)), *prefix = host_prefix ? host_prefix : "";
    *out = (struct aws_endpoint){0};
    if (!aws_region_good(region))
        return error_set(e, ERROR_INPUT, "Region", "region \"%s\": expected letters, digits and '-'", region), false;
    const struct odd_host *odd = service->global ? odd_host(aws_name(t, service->name), region) : NULL;
    text_copy(out->region, sizeof out->region, odd && odd->region ? odd->region : service->global ? partition->global_region : region);
    if (url)
        return take_url(url, out, e);
    if (service->global && (odd || !*partition->prefix))
        text_format(out->host, sizeof out->host, "%s%s", prefix, odd ? odd->host : aws_name(t, service->global_host));
    else
        text_format(out->host, sizeof out->host, "%s%s.%s.%s", prefix, aws_name(t, service->endpoint_prefix), out->region, partition->suffix);
    text_format(out->base, sizeof out->base, "https://%s", out->host);
    return true;
}
