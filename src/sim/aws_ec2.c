/* EC2: the availability zones. Zone ids name the same place in every account; zone names do not. */
#include <string.h>

#include "base/text.h"
#include "sim/aws.h"

static const char letters[] = "abcdef";

static json_t *zone(const char *region, size_t i, size_t turn)
{
    bool virginia = strcmp(region, "us-east-1") == 0;
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:[]}", "State", "available", "OptInStatus", "opt-in-not-required", "RegionName",
                     region, "ZoneName", call_text("%s%c", region, letters[i]), "ZoneId",
                     call_text("%s-az%zu", virginia ? "use1" : "usw2", (i + turn) % 6 + 1), "GroupName", region, "NetworkBorderGroup", region,
                     "ZoneType", "availability-zone", "Messages");
}

static bool wanted(const json_t *input, const json_t *row)
{
    const char *name = json_text_or(row, "ZoneName", ""), *id = json_text_or(row, "ZoneId", "");
    return call_in(json_object_get(input, "ZoneNames"), name) && call_in(json_object_get(input, "ZoneIds"), id) &&
           call_filter(input, "zone-name", name) && call_filter(input, "zone-id", id) && call_filter(input, "state", "available") &&
           call_filter(input, "zone-type", "availability-zone") && call_filter(input, "region-name", json_text_or(row, "RegionName", "")) &&
           call_filter(input, "opt-in-status", "opt-in-not-required");
}

static json_t *describe_availability_zones(struct aws_call *call)
{
    json_t *list = json_array();
    const json_t *names = json_object_get(call->input, "ZoneNames");
    size_t count = strcmp(call->region, "us-east-1") == 0 ? 6 : 4, turn = (size_t)(call->account->id[0] - '0');
    if (json_flag(call->input, "DryRun", false)) {
        json_decref(list);
        call_fail(call, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        call->error->status = 412;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        json_t *row = zone(call->region, i, turn);
        if (wanted(call->input, row))
            json_array_append(list, row);
        json_decref(row);
    }
    if (json_array_size(names) > json_array_size(list)) {
        json_decref(list);
        return call_fail(call, "InvalidParameterValue", "Invalid availability zone: [%s]", json_string_value(json_array_get(names, 0)));
    }
    return json_pack("{s:o}", "AvailabilityZones", list);
}

const struct aws_handler aws_ec2[] = {{"ec2", "DescribeAvailabilityZones", describe_availability_zones}, {NULL}};
