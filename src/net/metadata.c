#include <curl/curl.h>

#include "base/str.h"
#include "net/http.h"

/* Sources: "Use IMDS to access instance metadata" (EC2), "Amazon ECS task IAM role", "EKS Pod Identity". */
static const char *const addresses[] = {"169.254.169.254", "[fd00:ec2::254]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", NULL};

bool http_url_metadata(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL, *scheme = NULL;
    bool found = false;
    if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) && !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
        !curl_url_get(parts, CURLUPART_HOST, &host, 0) && text_equal(scheme, "http"))
        for (size_t i = 0; addresses[i] && !found; i++)
            found = text_same_case(host, addresses[i]);
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return found;
}
