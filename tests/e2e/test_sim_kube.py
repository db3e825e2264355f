"""The simulator's Kubernetes API, judged by the Kubernetes Python client, and by hand where that client does not go (Tables)."""
import datetime
import json
import os

import kubernetes
import pytest
from kubernetes.client.rest import ApiException

import sim_kube_peer as peer
from sim_kube_peer import TABLE, eventually

PROD, DEV = "333333333333", "222222222222"
IMAGE = "111111111111.dkr.ecr.us-east-1.amazonaws.com/frontend@sha256:" + "ab" * 32
POD_COLUMNS = ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"]


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    sim = peer.Sim(tmp_path_factory.mktemp("sim"))
    yield sim
    assert sim.stop()


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """Forty times as fast, and it forgets soon; no container ends by itself."""
    folder = tmp_path_factory.mktemp("fast")
    path = peer.scenario_with(folder, replace={"watch_window: 1000": "watch_window: 40", "restart_every: 25m": "restart_every: 9000h"})
    sim = peer.Sim(folder, "--speed", "40", scenario=path)
    yield sim
    assert sim.stop()


@pytest.fixture(scope="module")
def restless(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restless")
    path = peer.scenario_with(folder, replace={"restart_every: 25m": "restart_every: 8s"})
    sim = peer.Sim(folder, "--speed", "20", scenario=path)
    yield sim
    assert sim.stop()


def core(sim, account=PROD, **more):
    return kubernetes.client.CoreV1Api(sim.api_client(account, **more))


def apps(sim, account=PROD):
    return kubernetes.client.AppsV1Api(sim.api_client(account))


def status_of(error):
    return json.loads(error.value.body)


def rows(table):
    names = [c["name"] for c in table["columnDefinitions"]]
    return [dict(zip(names, row["cells"])) for row in table["rows"]]


# Who asks


def test_only_a_token_for_this_cluster_opens_it(sim):
    url = sim.server(PROD) + "/api/v1/pods"
    for token in (None, "k8s-aws-v1.bm9uc2Vuc2U", sim.token(PROD, cluster="another"), sim.token(DEV)):
        request = peer.urllib.request.Request(url, headers={"Authorization": "Bearer " + token} if token else {})
        code, _, body = peer.answer_of(request)
        assert (code, body["kind"], body["reason"], body["code"]) == (401, "Status", "Unauthorized", 401)


def test_the_reader_may_look_but_not_change(sim):
    assert core(sim, role="TrivetReader").list_namespaced_pod("innovate").items
    with pytest.raises(ApiException) as error:
        core(sim, role="TrivetReader").delete_namespaced_pod("x", "innovate")
    assert error.value.status == 403 and status_of(error)["reason"] == "Forbidden"


# Reading


def test_service_accounts_tell_their_roles(sim):
    core = kubernetes.client.CoreV1Api(sim.api_client(PROD))
    accounts = {a.metadata.name: (a.metadata.annotations or {}).get("eks.amazonaws.com/role-arn") for a in core.list_namespaced_service_account("kube-system").items}
    assert accounts["external-dns"] == "arn:aws:iam::333333333333:role/innovate-prod-ExternalDns" and accounts["coredns"] is None
    others = [n for n in core.list_namespace().items if n.metadata.name != "kube-system"]  # each has its "default"
    assert len(core.list_service_account_for_all_namespaces().items) == len(accounts) + len(others) + 2


def test_discovery(sim):
    client = sim.api_client(PROD)
    version = kubernetes.client.VersionApi(client).get_code()
    assert (version.major, version.minor) == ("1", "34") and version.git_version.startswith("v1.34.")
    assert {g.name for g in kubernetes.client.ApisApi(client).get_api_versions().groups} == {"apps", "autoscaling", "metrics.k8s.io"}
    assert {"pods", "nodes", "events", "namespaces", "pods/log", "serviceaccounts"} == {r.name for r in kubernetes.client.CoreV1Api(client).get_api_resources().resources}
    assert "deployments/scale" in {r.name for r in kubernetes.client.AppsV1Api(client).get_api_resources().resources}
    assert [sim.raw(PROD, p)[::2] for p in ("/healthz", "/readyz")] == [(200, b"ok")] * 2
    assert sim.raw(PROD, "/nothing")[0] == 404
    code, _, body = sim.raw(PROD, "/api/v1/configmaps")
    assert (code, body["reason"], body["message"]) == (404, "NotFound", "the server could not find the requested resource")


def test_the_estate_of_the_architecture(sim):
    pods = core(sim).list_namespaced_pod("innovate").items
    nodes = {n.metadata.name: n for n in core(sim).list_node().items}
    assert sorted(p.metadata.labels["app"] for p in pods) == ["backend"] * 6 + ["frontend"] * 4
    for app in ("frontend", "backend"):
        zones = [nodes[p.spec.node_name].metadata.labels["topology.kubernetes.io/zone"] for p in pods if p.metadata.labels["app"] == app]
        assert zones.count("us-east-1a") == zones.count("us-east-1b")
    assert all(p.spec.node_name.startswith("fargate-ip-10-0-") and p.status.phase == "Running" and p.spec.containers[0].image.count("@sha256:") == 1 for p in pods)
    assert len({p.spec.node_name for p in pods}) == 10
    system = {d.metadata.name for d in apps(sim).list_namespaced_deployment("kube-system").items}
    assert system == {"coredns", "aws-load-balancer-controller", "external-dns", "metrics-server", "csi-secrets-store"}
    dns = {p.spec.node_name for p in core(sim).list_namespaced_pod("kube-system", label_selector="app=coredns").items}
    assert len(dns) == 2 and all(nodes[n].metadata.labels["eks.amazonaws.com/nodegroup"] == "addons" for n in dns)
    hpas = kubernetes.client.AutoscalingV2Api(sim.api_client(PROD)).list_namespaced_horizontal_pod_autoscaler("innovate").items
    assert {h.metadata.name: (h.spec.min_replicas, h.status.current_replicas) for h in hpas} == {"frontend": (4, 4), "backend": (6, 6)}
    dev = core(sim, DEV).list_namespaced_pod("innovate").items
    assert sorted(p.metadata.labels["app"] for p in dev) == ["backend", "backend", "frontend"]
    assert {n.metadata.labels["topology.kubernetes.io/zone"] for n in core(sim, DEV).list_node().items} == {"us-east-1a"}
    assert {n.metadata.name for n in core(sim).list_namespace().items} >= {"innovate", "kube-system", "default"}


def test_every_object_can_be_read_alone(sim):
    pod = core(sim).list_namespaced_pod("innovate").items[0]
    again = core(sim).read_namespaced_pod(pod.metadata.name, "innovate")
    assert again.metadata.uid == pod.metadata.uid and again.kind == "Pod" and again.api_version == "v1"
    deployment = apps(sim).read_namespaced_deployment("backend", "innovate")
    assert deployment.status.ready_replicas == 6 and deployment.status.conditions[0].type == "Available"
    assert apps(sim).list_namespaced_replica_set("innovate").items[0].metadata.owner_references[0].kind == "Deployment"
    with pytest.raises(ApiException) as error:
        core(sim).read_namespaced_pod("nobody", "innovate")
    assert status_of(error) == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": 'pods "nobody" not found',
                                "reason": "NotFound", "details": {"name": "nobody", "kind": "pods"}, "code": 404}
    with pytest.raises(ApiException) as error:
        apps(sim).read_namespaced_deployment("nobody", "innovate")
    assert status_of(error)["message"] == 'deployments.apps "nobody" not found'
    assert status_of(error)["details"] == {"name": "nobody", "group": "apps", "kind": "deployments"}


def test_pages(sim):
    whole = [p.metadata.name for p in core(sim).list_pod_for_all_namespaces().items]
    found, token, versions, left = [], None, set(), []
    while True:
        page = core(sim).list_pod_for_all_namespaces(limit=4, _continue=token)
        found += [p.metadata.name for p in page.items]
        versions.add(page.metadata.resource_version)
        left.append(page.metadata.remaining_item_count)
        token = page.metadata._continue
        if not token:
            break
    assert found == whole and len(versions) == 1
    assert left == list(range(len(whole) - 4, 0, -4)) + [None]
    page = core(sim).list_namespaced_pod("innovate", limit=2, label_selector="app=frontend")
    assert page.metadata._continue and page.metadata.remaining_item_count is None
    with pytest.raises(ApiException) as error:
        core(sim).list_pod_for_all_namespaces(limit=4, _continue="nonsense")
    assert error.value.status == 400


def test_pages_are_one_moment(fast):
    """What is deleted between two pages still stands on the second."""
    first = core(fast).list_namespaced_pod("kube-system", limit=1)
    last = core(fast).list_namespaced_pod("kube-system").items[-1].metadata.name
    core(fast).delete_namespaced_pod(last, "kube-system", grace_period_seconds=0)
    second = core(fast).list_namespaced_pod("kube-system", limit=50, _continue=first.metadata._continue)
    assert last in [p.metadata.name for p in second.items]
    assert second.metadata.resource_version == first.metadata.resource_version
    assert last not in [p.metadata.name for p in core(fast).list_namespaced_pod("kube-system").items]
    same = core(fast).list_namespaced_pod("kube-system", resource_version=first.metadata.resource_version, resource_version_match="Exact")
    assert last in [p.metadata.name for p in same.items]


def test_an_old_page_is_gone(fast):
    first = core(fast).list_pod_for_all_namespaces(limit=2)

    def turn_over():
        for i in range(45):
            core(fast).patch_namespaced_pod(first.items[0].metadata.name, first.items[0].metadata.namespace, {"metadata": {"annotations": {"turn": str(i)}}})

    turn_over()
    with pytest.raises(ApiException) as error:
        core(fast).list_pod_for_all_namespaces(limit=2, _continue=first.metadata._continue)
    status = status_of(error)
    assert (status["code"], status["reason"]) == (410, "Expired") and status["metadata"]["continue"]
    rest = core(fast).list_pod_for_all_namespaces(limit=2, _continue=status["metadata"]["continue"])
    assert len(rest.items) == 2 and rest.items[0].metadata.name != first.items[0].metadata.name
    with pytest.raises(ApiException) as error:
        core(fast).list_pod_for_all_namespaces(resource_version=first.metadata.resource_version, resource_version_match="Exact")
    assert status_of(error)["reason"] == "Expired"


@pytest.mark.parametrize("selector, count", [("app=backend", 6), ("app==frontend", 4), ("app!=frontend", 6), ("app in (frontend, backend)", 10), ("app notin (frontend)", 6),
                                             ("app", 10), ("!app", 0), ("app=backend,pod-template-hash", 6), ("missing", 0), ("missing notin (a)", 10)])
def test_label_selectors(sim, selector, count):
    assert len(core(sim).list_namespaced_pod("innovate", label_selector=selector).items) == count


def test_field_selectors(sim):
    pod = core(sim).list_namespaced_pod("innovate").items[0]
    names = lambda selector: [p.metadata.name for p in core(sim).list_pod_for_all_namespaces(field_selector=selector).items]
    assert names("metadata.name=" + pod.metadata.name) == [pod.metadata.name]
    assert names("spec.nodeName=" + pod.spec.node_name) == [pod.metadata.name]
    assert len(names("metadata.namespace=innovate,status.phase=Running")) == 10
    assert names("status.phase!=Running") == []
    with pytest.raises(ApiException) as error:
        names("spec.colour=red")
    assert (error.value.status, status_of(error)["message"]) == (400, "field label not supported: spec.colour")
    with pytest.raises(ApiException) as error:
        apps(sim).list_namespaced_deployment("innovate", field_selector="spec.replicas=4")
    assert status_of(error)["message"] == '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"'
    with pytest.raises(ApiException) as error:
        core(sim).list_namespaced_pod("innovate", label_selector="a in b")
    assert status_of(error)["message"].startswith("unable to parse requirement")


def test_versions_of_the_future_and_wrong_ones(sim):
    now = core(sim).list_namespaced_pod("innovate").metadata.resource_version
    with pytest.raises(ApiException) as error:
        core(sim).list_namespaced_pod("innovate", resource_version=str(int(now) + 100000))
    status = status_of(error)
    assert (status["code"], status["reason"]) == (504, "Timeout") and status["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    with pytest.raises(ApiException) as error:
        core(sim).list_namespaced_pod("innovate", resource_version_match="Exact")
    assert error.value.status == 422
    with pytest.raises(ApiException) as error:
        core(sim).list_namespaced_pod("innovate", resource_version="soon")
    assert error.value.status == 400
    assert core(sim).list_namespaced_pod("innovate", resource_version="0").items


# Tables


def test_pods_as_a_table(sim):
    code, headers, table = sim.raw(PROD, "/api/v1/namespaces/innovate/pods?includeObject=None", TABLE)
    assert (code, headers["Content-Type"], table["kind"], table["apiVersion"]) == (200, "application/json", "Table", "meta.k8s.io/v1")
    assert [c["name"] for c in table["columnDefinitions"]] == POD_COLUMNS
    assert [c["priority"] for c in table["columnDefinitions"]] == [0] * 5 + [1] * 4
    assert {c["type"] for c in table["columnDefinitions"]} == {"string"} and table["columnDefinitions"][0]["format"] == "name"
    assert int(table["metadata"]["resourceVersion"]) > 0 and all(r["object"] is None for r in table["rows"])
    for row in rows(table):
        assert row["Ready"] == "1/1" and row["Status"] == "Running" and row["Readiness Gates"] == "1/1" and row["Nominated Node"] == "<none>"
        assert row["IP"].startswith("10.0.1") and row["Node"].startswith("fargate-ip-")
    assert any(" ago)" in row["Restarts"] for row in rows(table))


def test_objects_in_a_table(sim):
    for include, kind in (("", "PartialObjectMetadata"), ("?includeObject=Metadata", "PartialObjectMetadata"), ("?includeObject=Object", "Node")):
        table = sim.raw(PROD, "/api/v1/nodes" + include, TABLE)[2]
        assert {r["object"]["kind"] for r in table["rows"]} == {kind}
        assert {r["object"]["metadata"]["labels"]["topology.kubernetes.io/zone"] for r in table["rows"]} == {"us-east-1a", "us-east-1b"}
        assert all(("status" in r["object"]) == (kind == "Node") for r in table["rows"])
    partial = sim.raw(PROD, "/api/v1/nodes", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")[2]
    assert partial["kind"] == "PartialObjectMetadataList" and "spec" not in partial["items"][0]


def test_tables_of_the_other_kinds(sim):
    expected = {"/api/v1/nodes": ["Name", "Status", "Roles", "Age", "Version", "Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"],
                "/apis/apps/v1/deployments": ["Name", "Ready", "Up-to-date", "Available", "Age", "Containers", "Images", "Selector"],
                "/apis/apps/v1/replicasets": ["Name", "Desired", "Current", "Ready", "Age", "Containers", "Images", "Selector"],
                "/apis/autoscaling/v2/horizontalpodautoscalers": ["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"],
                "/api/v1/events": ["Last Seen", "Type", "Reason", "Object", "Subobject", "Source", "Message", "First Seen", "Count", "Name"],
                "/api/v1/namespaces": ["Name", "Status", "Age"],
                "/apis/metrics.k8s.io/v1beta1/pods": ["Name", "cpu", "memory", "Window"]}
    for path, columns in expected.items():
        table = sim.raw(PROD, path + "?includeObject=None", TABLE)[2]
        assert [c["name"] for c in table["columnDefinitions"]] == columns
        assert all(len(r["cells"]) == len(columns) for r in table["rows"])
    hpa = rows(sim.raw(PROD, "/apis/autoscaling/v2/horizontalpodautoscalers?includeObject=None", TABLE)[2])[0]
    assert hpa["Reference"] == "Deployment/backend" and hpa["Targets"].startswith("cpu: ") and hpa["Targets"].endswith("%/70%")
    assert (hpa["MinPods"], hpa["MaxPods"], hpa["Replicas"]) == ("6", 20, 6)


def test_one_row_and_pages_of_a_table(sim):
    name = core(sim).list_namespaced_pod("innovate").items[0].metadata.name
    one = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}?includeObject=None", TABLE)[2]
    assert [r["Name"] for r in rows(one)] == [name]
    page = sim.raw(PROD, "/api/v1/namespaces/innovate/pods?limit=4&includeObject=None", TABLE)[2]
    assert len(page["rows"]) == 4 and page["metadata"]["remainingItemCount"] == 6
    rest = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods?limit=10&includeObject=None&continue={page['metadata']['continue']}", TABLE)[2]
    assert len(rest["rows"]) == 6 and "continue" not in rest["metadata"]


def test_what_cannot_be_served_is_refused(sim):
    for accept in ("application/vnd.kubernetes.protobuf", "text/html", "application/json;as=Table;g=meta.k8s.io;v=v7"):
        code, _, status = sim.raw(PROD, "/api/v1/pods", accept)
        assert (code, status["reason"]) == (406, "NotAcceptable")
    assert sim.raw(PROD, "/api/v1/pods", "application/vnd.kubernetes.protobuf, " + TABLE + ", application/json")[2]["kind"] == "Table"
    assert sim.raw(PROD, "/api/v1/pods", "application/json;as=Table;g=meta.k8s.io;v=v7, */*")[2]["kind"] == "PodList"
    code, _, status = sim.raw(PROD, "/api/v1/pods", method="POST", body={})
    assert (code, status["reason"]) == (405, "MethodNotAllowed")


# Metrics


def test_metrics_move(fast):
    api = kubernetes.client.CustomObjectsApi(fast.api_client(PROD))
    before = api.list_namespaced_custom_object("metrics.k8s.io", "v1beta1", "innovate", "pods", label_selector="app=backend")
    assert len(before["items"]) == 6 and before["kind"] == "PodMetricsList"
    usage = before["items"][0]["containers"][0]["usage"]
    assert 0.1e9 < int(usage["cpu"].rstrip("n")) < 1e9 and usage["memory"].endswith("Ki")
    eventually(lambda: api.list_namespaced_custom_object("metrics.k8s.io", "v1beta1", "innovate", "pods", label_selector="app=backend")["items"] != before["items"])
    nodes = api.list_cluster_custom_object("metrics.k8s.io", "v1beta1", "nodes")["items"]
    assert len(nodes) >= 12 and all(int(n["usage"]["cpu"].rstrip("n")) > 0 for n in nodes)


# Watches


def test_watch_tells_changes_from_a_version_on(fast):
    pod = core(fast).list_namespaced_pod("innovate").items[0]
    version = core(fast).list_namespaced_pod("innovate").metadata.resource_version
    core(fast).patch_namespaced_pod(pod.metadata.name, "innovate", {"metadata": {"annotations": {"before": "the watch"}}})
    watch = kubernetes.watch.Watch()
    seen = []
    for event in watch.stream(core(fast).list_namespaced_pod, "innovate", resource_version=version, timeout_seconds=400):
        if event["object"].metadata.name == pod.metadata.name:
            seen.append((event["type"], event["object"].metadata.annotations))
            if len(seen) == 2:
                break
            core(fast).patch_namespaced_pod(pod.metadata.name, "innovate", {"metadata": {"annotations": {"during": "the watch"}}})
    assert [kind for kind, _ in seen] == ["MODIFIED", "MODIFIED"]
    assert seen[0][1]["before"] == "the watch" and seen[1][1]["during"] == "the watch"


def lines(reply):
    return (json.loads(line) for line in reply)


def test_watch_as_tables_and_bookmarks(fast):
    """Columns stand in the first event alone; a bookmark comes about each minute and at the end, which is on time."""
    version = sim_version(fast)
    with fast.stream(PROD, f"/api/v1/pods?watch=1&includeObject=None&allowWatchBookmarks=true&timeoutSeconds=150&resourceVersion={version}", TABLE) as reply:
        name = core(fast).list_namespaced_pod("innovate").items[0].metadata.name
        core(fast).patch_namespaced_pod(name, "innovate", {"metadata": {"annotations": {"x": version}}})
        events = list(lines(reply))
    assert events[0]["type"] == "MODIFIED" and events[0]["object"]["kind"] == "Table"
    assert [c["name"] for c in events[0]["object"]["columnDefinitions"]] == POD_COLUMNS
    assert events[0]["object"]["rows"][0]["object"] is None and events[0]["object"]["rows"][0]["cells"][0] == name
    assert all(e["object"]["columnDefinitions"] is None for e in events[1:])
    versions = [int(e["object"]["metadata"]["resourceVersion"]) for e in events]
    assert versions == sorted(versions) and versions[0] > int(version)
    bookmarks = [e for e in events if e["type"] == "BOOKMARK"]
    assert len(bookmarks) == 3 and events[-1]["type"] == "BOOKMARK"


def sim_version(sim):
    return core(sim).list_namespaced_pod("innovate", limit=1).metadata.resource_version


def test_bookmarks_for_the_python_client(fast):
    kinds = [e["type"] for e in kubernetes.watch.Watch().stream(core(fast).list_namespaced_pod, "kube-system", resource_version=sim_version(fast), timeout_seconds=100,
                                                               allow_watch_bookmarks=True)]
    assert kinds.count("BOOKMARK") == 2


def test_a_forgotten_version_is_told_in_the_stream(fast):
    version = sim_version(fast)
    name = core(fast).list_namespaced_pod("innovate").items[0].metadata.name
    for i in range(45):
        core(fast).patch_namespaced_pod(name, "innovate", {"metadata": {"annotations": {"again": f"{i}"}}})
    with fast.stream(PROD, f"/api/v1/pods?watch=1&resourceVersion={version}", TABLE) as reply:
        assert reply.status == 200
        events = list(lines(reply))
    assert len(events) == 1 and events[0]["type"] == "ERROR"
    assert (events[0]["object"]["kind"], events[0]["object"]["code"], events[0]["object"]["reason"]) == ("Status", 410, "Expired")
    with pytest.raises(ApiException) as error:
        list(kubernetes.watch.Watch().stream(core(fast).list_namespaced_pod, "innovate", resource_version=version, timeout_seconds=1))
    assert error.value.status == 410


def test_watch_without_a_version_begins_with_what_there_is(sim):
    names = set()
    for event in kubernetes.watch.Watch().stream(core(sim).list_namespaced_pod, "innovate", label_selector="app=frontend", timeout_seconds=30):
        assert event["type"] == "ADDED"
        names.add(event["object"].metadata.name)
        if len(names) == 4:
            break
    assert all(n.startswith("frontend-") for n in names)


def test_what_stops_matching_is_deleted(fast):
    pod = core(fast).list_namespaced_pod("kube-system", label_selector="app=coredns").items[0].metadata.name
    version = core(fast).list_namespaced_pod("kube-system").metadata.resource_version
    core(fast).patch_namespaced_pod(pod, "kube-system", {"metadata": {"labels": {"watched": "yes"}}})
    core(fast).patch_namespaced_pod(pod, "kube-system", {"metadata": {"labels": {"watched": None}}})
    with fast.stream(PROD, f"/api/v1/pods?watch=1&labelSelector=watched%3Dyes&timeoutSeconds=20&resourceVersion={version}") as reply:
        assert [(e["type"], e["object"]["metadata"]["name"]) for e in lines(reply)] == [("ADDED", pod), ("DELETED", pod)]


# Logs


def test_logs(sim):
    pod = core(sim).list_namespaced_pod("innovate", label_selector="app=backend").items[0]
    name = pod.metadata.name
    log = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?container=backend&tailLines=20&timestamps=true")[2].decode(errors="replace")
    stamps = [line.split(" ", 1)[0] for line in log.rstrip("\n").split("\n")]  # some lines hold a carriage return
    assert len(stamps) == 20 and stamps == sorted(stamps) and all(len(s) == 30 and s.endswith("Z") for s in stamps)
    again = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?tailLines=60&timestamps=true")[2].decode(errors="replace")
    assert "\n".join(log.split("\n")[:10]) in again  # what was written stays written
    assert len(sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?limitBytes=100")[2]) == 100
    assert core(sim).read_namespaced_pod_log(name, "innovate", tail_lines=1).count("\n") == 1
    since = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?sinceSeconds=60&timestamps=true")[2].decode(errors="replace").rstrip("\n").split("\n")
    oldest = datetime.datetime.fromisoformat(since[0][:19]).replace(tzinfo=datetime.timezone.utc)
    assert 30 < len(since) < 70 and (datetime.datetime.now(datetime.timezone.utc) - oldest).total_seconds() < 63
    for query, message in (("container=nobody", f"container nobody is not valid for pod {name}"), ("tailLines=-1", None)):
        code, _, status = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?{query}")
        assert code in (400, 422) and (message is None or status["message"] == message)
    fresh = [p for p in core(sim).list_namespaced_pod("innovate", label_selector="app=frontend").items][0].metadata.name
    code, _, status = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{fresh}/log?previous=true")
    assert (code, status["message"]) == (400, f'previous terminated container "frontend" in pod "{fresh}" not found')


def test_the_log_of_what_ended_before(sim):
    pods = core(sim).list_namespaced_pod("innovate", label_selector="app=backend").items
    pod = next(p for p in pods if p.status.container_statuses[0].restart_count)
    log = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{pod.metadata.name}/log?previous=true")[2]
    assert b"psycopg.OperationalError" in log.splitlines()[-1]


def test_hostile_lines_come_as_they_are(sim):
    name = core(sim).list_namespaced_pod("innovate", label_selector="app=frontend").items[0].metadata.name
    log = sim.raw(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?tailLines=4000")[2]
    assert b"\x1b]0;" in log and "\u202e".encode() in log and b"\xff\xfe" in log


def test_a_followed_log_goes_on(fast):
    name = core(fast).list_namespaced_pod("innovate", label_selector="app=frontend").items[0].metadata.name
    with fast.stream(PROD, f"/api/v1/namespaces/innovate/pods/{name}/log?follow=true&tailLines=2") as reply:
        found = [reply.readline() for _ in range(60)]
        assert all(line.endswith(b"\n") for line in found)
        core(fast).delete_namespaced_pod(name, "innovate")
        rest = reply.read()  # ends when the container does
    assert rest.endswith(b"\n") or not rest


# Changing


def test_three_kinds_of_patch(fast):
    path = "/apis/apps/v1/namespaces/innovate/deployments/frontend"
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "frontend", "env": [{"name": "LEVEL", "value": "debug"}]}]}}}}
    before = fast.raw(PROD, path)[2]
    dry = fast.raw(PROD, path + "?dryRun=All", method="PATCH", body=strategic, content_type="application/strategic-merge-patch+json")[2]
    container = dry["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == before["spec"]["template"]["spec"]["containers"][0]["image"] and container["env"][-1] == {"name": "LEVEL", "value": "debug"}
    assert fast.raw(PROD, path)[2]["spec"] == before["spec"]
    merge = fast.raw(PROD, path, method="PATCH", body={"metadata": {"labels": {"team": "web", "gone": None}}}, content_type="application/merge-patch+json")[2]
    assert merge["metadata"]["labels"] == {"app": "frontend", "team": "web"} and merge["metadata"]["generation"] == before["metadata"]["generation"]
    operations = [{"op": "test", "path": "/metadata/labels/team", "value": "web"}, {"op": "add", "path": "/metadata/annotations/example.com~1note", "value": "x"},
                  {"op": "remove", "path": "/metadata/labels/team"}]
    patched = fast.raw(PROD, path, method="PATCH", body=operations, content_type="application/json-patch+json")[2]
    assert patched["metadata"]["annotations"]["example.com/note"] == "x" and "team" not in patched["metadata"]["labels"]
    assert fast.raw(PROD, path, method="PATCH", body=operations, content_type="application/json-patch+json")[0] == 422
    assert fast.raw(PROD, path, method="PATCH", body={}, content_type="application/json")[0] == 415
    same = fast.raw(PROD, path, method="PATCH", body={}, content_type="application/merge-patch+json")[2]
    assert same["metadata"]["labels"] == patched["metadata"]["labels"]


def test_what_may_not_change(fast):
    path = "/apis/apps/v1/namespaces/innovate/deployments/backend"
    patch = lambda body: fast.raw(PROD, path, method="PATCH", body=body, content_type="application/merge-patch+json")
    code, _, status = patch({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 7}})
    assert (code, status["reason"]) == (409, "Conflict")
    assert status["message"] == ('Operation cannot be fulfilled on deployments.apps "backend": the object has been modified; '
                                 'please apply your changes to the latest version and try again')
    for body, field in (({"spec": {"replicas": -1}}, "spec.replicas"), ({"spec": {"selector": {"matchLabels": {"app": "x"}}}}, "spec.selector"),
                        ({"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}, "spec.template.metadata.labels"),
                        ({"spec": {"template": {"spec": {"containers": []}}}}, "spec.template.spec.containers")):
        code, _, status = patch(body)
        assert (code, status["reason"], status["details"]["causes"][0]["field"]) == (422, "Invalid", field)
    assert patch({"spec": {"replicas": "many"}})[0] == 400
    assert patch({"metadata": {"name": "other"}})[0] == 400
    pod = core(fast).list_namespaced_pod("innovate").items[0].metadata.name
    code, _, status = fast.raw(PROD, f"/api/v1/namespaces/innovate/pods/{pod}", method="PATCH", body={"spec": {"hostNetwork": True}}, content_type="application/merge-patch+json")
    assert code == 422 and "pod updates may not change fields" in status["message"]


def test_put_needs_the_latest_version(fast):
    def replace(change):
        deployment = apps(fast).read_namespaced_deployment("external-dns", "kube-system")
        change(deployment)
        return apps(fast).replace_namespaced_deployment("external-dns", "kube-system", deployment)

    done = replace(lambda d: d.metadata.annotations.update(seen="yes"))
    assert done.metadata.annotations["seen"] == "yes"
    with pytest.raises(ApiException) as error:
        replace(lambda d: setattr(d.metadata, "resource_version", "17"))
    assert error.value.status == 409


def ready(sim, name, namespace="innovate"):
    return apps(sim).read_namespaced_deployment(name, namespace).status.ready_replicas or 0


def test_scaling_down_to_none_and_back(fast):
    """With no replicas wanted the autoscaler keeps its hands off, until there are some again."""
    autoscaling = kubernetes.client.AutoscalingV2Api(fast.api_client(DEV))
    scale = apps(fast, DEV).read_namespaced_deployment_scale("backend", "innovate")
    assert (scale.spec.replicas, scale.status.replicas, scale.status.selector) == (2, 2, "app=backend")
    scale.spec.replicas = 0
    assert apps(fast, DEV).replace_namespaced_deployment_scale("backend", "innovate", scale).spec.replicas == 0
    pods = lambda: core(fast, DEV).list_namespaced_pod("innovate", label_selector="app=backend").items
    assert all(p.metadata.deletion_timestamp for p in pods())
    eventually(lambda: not pods())
    assert not [n for n in core(fast, DEV).list_node().items if n.metadata.name.startswith("fargate-")][1:]  # the nodes went with them
    eventually(lambda: [c for c in autoscaling.read_namespaced_horizontal_pod_autoscaler("backend", "innovate").status.conditions
                        if (c.type, c.status, c.reason) == ("ScalingActive", "False", "ScalingDisabled")])
    apps(fast, DEV).patch_namespaced_deployment_scale("backend", "innovate", {"spec": {"replicas": 2}})
    eventually(lambda: len(pods()) == 2 and all(p.status.container_statuses and p.status.container_statuses[0].ready for p in pods()))
    with pytest.raises(ApiException) as error:
        scale.metadata.resource_version = "3"
        apps(fast, DEV).replace_namespaced_deployment_scale("backend", "innovate", scale)
    assert error.value.status == 409


def test_a_deleted_pod_is_replaced(fast):
    eventually(lambda: ready(fast, "backend") == 6)
    victim = core(fast).list_namespaced_pod("innovate", label_selector="app=backend").items[2]
    version = core(fast).list_namespaced_pod("innovate").metadata.resource_version
    deleted = core(fast).delete_namespaced_pod(victim.metadata.name, "innovate")
    assert deleted.metadata.deletion_timestamp and deleted.metadata.deletion_grace_period_seconds == 30
    steps = {}
    with fast.stream(PROD, f"/api/v1/namespaces/innovate/pods?watch=1&includeObject=None&timeoutSeconds=120&resourceVersion={version}", TABLE) as reply:
        for event in lines(reply):
            for row in event["object"].get("rows", []):
                steps.setdefault(row["cells"][0], []).append((event["type"], row["cells"][2], row["cells"][1]))
    assert steps[victim.metadata.name][0][:2] == ("MODIFIED", "Terminating") and steps[victim.metadata.name][-1][0] == "DELETED"
    fresh = next(v for k, v in steps.items() if k.startswith("backend-") and v[0][0] == "ADDED")
    states = [state for _, state, _ in fresh]
    assert states[0] == "Pending" and "Init:0/1" in states and "PodInitializing" in states and states[-1] == "Running" and fresh[-1][2] == "1/1"
    name = next(k for k, v in steps.items() if k.startswith("backend-") and v[0][0] == "ADDED")
    reasons = {e.reason for e in core(fast).list_namespaced_event("innovate", field_selector=f"involvedObject.name={name},involvedObject.kind=Pod").items}
    assert {"Scheduled", "Pulling", "Pulled", "Created", "Started"} <= reasons
    events = rows(fast.raw(PROD, "/api/v1/namespaces/innovate/events?includeObject=None", TABLE)[2])
    assert {"pod/" + name} & {e["Object"] for e in events}
    gone = core(fast).list_namespaced_pod("kube-system", label_selector="app=coredns").items[0].metadata.name
    with pytest.raises(ApiException) as error:
        core(fast).delete_namespaced_pod(gone, "kube-system", body={"preconditions": {"uid": "another"}})
    assert error.value.status == 409
    core(fast).delete_namespaced_pod(gone, "kube-system", grace_period_seconds=0)
    with pytest.raises(ApiException):
        core(fast).read_namespaced_pod(gone, "kube-system")


def test_a_new_image_rolls_out(fast):
    """No more than a quarter above, no more than a quarter missing, from the old ReplicaSet to the new."""
    eventually(lambda: ready(fast, "frontend") == 4)
    old = apps(fast).list_namespaced_replica_set("innovate", label_selector="app=frontend").items
    apps(fast).patch_namespaced_deployment("frontend", "innovate", {"spec": {"template": {"spec": {"containers": [{"name": "frontend", "image": IMAGE}]}}}})
    most, least = 0, 9

    def done():
        nonlocal most, least
        d = apps(fast).read_namespaced_deployment("frontend", "innovate")
        pods = [p for p in core(fast).list_namespaced_pod("innovate", label_selector="app=frontend").items if not p.metadata.deletion_timestamp]
        most, least = max(most, len(pods)), min(least, d.status.available_replicas or 0)
        return d.status.updated_replicas == 4 and d.status.replicas == 4 and d.status.available_replicas == 4

    eventually(done, 40)
    assert most == 5 and least >= 3
    sets = {s.metadata.name: s for s in apps(fast).list_namespaced_replica_set("innovate", label_selector="app=frontend").items}
    assert len(sets) == len(old) + 1 and sets[old[0].metadata.name].spec.replicas == 0
    assert {p.spec.containers[0].image for p in core(fast).list_namespaced_pod("innovate", label_selector="app=frontend").items if not p.metadata.deletion_timestamp} == {IMAGE}
    deployment = apps(fast).read_namespaced_deployment("frontend", "innovate")
    assert deployment.metadata.annotations["deployment.kubernetes.io/revision"] == "2" and deployment.status.observed_generation == deployment.metadata.generation
    assert [c.reason for c in deployment.status.conditions if c.type == "Progressing"] == ["NewReplicaSetAvailable"]


def test_an_image_that_is_not_there(fast):
    """The rollout stops at its surge, and the old pods stay."""
    eventually(lambda: ready(fast, "backend") == 6)
    apps(fast).patch_namespaced_deployment("backend", "innovate",
                                           {"spec": {"template": {"spec": {"containers": [{"name": "backend", "image": "registry.example/typo:1"}]}}}})
    state = lambda: {r["Status"] for r in rows(fast.raw(PROD, "/api/v1/namespaces/innovate/pods?labelSelector=app%3Dbackend&includeObject=None", TABLE)[2])}
    seen = set()
    eventually(lambda: seen.update(state()) or {"ErrImagePull", "ImagePullBackOff"} & seen, 30)
    eventually(lambda: ready(fast, "backend") == 5)
    assert ready(fast, "backend") >= 5
    old = apps(fast).list_namespaced_replica_set("innovate", label_selector="app=backend").items
    original = next(s for s in old if "@sha256:" in s.spec.template.spec.containers[0].image)
    apps(fast).patch_namespaced_deployment("backend", "innovate", {"spec": {"template": {"spec": {"containers": [
        {"name": "backend", "image": original.spec.template.spec.containers[0].image}]}}}})
    eventually(lambda: ready(fast, "backend") == 6 and state() == {"Running"}, 40)
    assert len(apps(fast).list_namespaced_replica_set("innovate", label_selector="app=backend").items) == 2  # back to the first one


def test_restart_by_annotation(fast):
    before = {p.metadata.name for p in core(fast).list_namespaced_pod("kube-system", label_selector="app=metrics-server").items}
    apps(fast).patch_namespaced_deployment("metrics-server", "kube-system", {"spec": {"template": {"metadata": {"annotations": {
        "kubectl.kubernetes.io/restartedAt": "2026-11-24T00:00:00Z"}}}}})

    def replaced():
        pods = {p.metadata.name for p in core(fast).list_namespaced_pod("kube-system", label_selector="app=metrics-server").items}
        return not pods & before and ready(fast, "metrics-server", "kube-system") == 2

    eventually(replaced, 40)


# Time


def test_the_autoscaler_keeps_its_limits(fast):
    apps(fast, DEV).patch_namespaced_deployment_scale("frontend", "innovate", {"spec": {"replicas": 9}})
    eventually(lambda: apps(fast, DEV).read_namespaced_deployment("frontend", "innovate").spec.replicas <= 3)
    events = core(fast, DEV).list_namespaced_event("innovate", field_selector="involvedObject.kind=HorizontalPodAutoscaler").items
    assert [e for e in events if e.reason == "SuccessfulRescale" and e.message.startswith("New size: 3")]


def test_containers_end_and_start_again(restless):
    table = lambda: rows(restless.raw(PROD, "/api/v1/namespaces/innovate/pods?includeObject=None", TABLE)[2])
    seen = set()
    eventually(lambda: seen.update(r["Status"] for r in table()) or {"CrashLoopBackOff"} & seen and {"Error", "OOMKilled"} & seen, 60)
    pods = core(restless).list_namespaced_pod("innovate").items
    assert [p for p in pods for s in p.status.container_statuses or [] if s.last_state.terminated and s.last_state.terminated.exit_code in (1, 137)]
    assert [e for e in core(restless).list_namespaced_event("innovate", field_selector="reason=BackOff").items if e.type == "Warning" and e.count >= 1]


def test_events_are_forgotten_after_an_hour(tmp_path):
    path = peer.scenario_with(tmp_path, replace={"restart_every: 25m": "restart_every: 9000h"})
    sim = peer.Sim(tmp_path, "--speed", "600", scenario=path)
    sim.token_life = 0
    core(sim).delete_namespaced_pod(core(sim).list_namespaced_pod("kube-system").items[0].metadata.name, "kube-system")
    assert core(sim).list_namespaced_event("kube-system").items
    eventually(lambda: not core(sim).list_namespaced_event("kube-system").items)
    assert sim.stop()


@pytest.mark.parametrize("fail, states", [("crash", {"CrashLoopBackOff", "Error"}), ("oom", {"CrashLoopBackOff", "OOMKilled"}),
                                          ("image", {"ErrImagePull", "ImagePullBackOff"}), ("unready", {"Running"}), ("pending", {"Pending"})])
def test_deployments_that_fail(tmp_path, fail, states):
    path = peer.scenario_with(tmp_path, replace={"          security_group: sg-03f1f2d5c6b7a8091\n          replicas: 4\n":
                                                 f"          security_group: sg-03f1f2d5c6b7a8091\n          fail: {fail}\n          replicas: 4\n"})
    sim = peer.Sim(tmp_path, "--speed", "30", scenario=path)
    seen = set()
    if fail == "pending":
        for pod in core(sim).list_namespaced_pod("innovate", label_selector="app=frontend").items:
            core(sim).delete_namespaced_pod(pod.metadata.name, "innovate", grace_period_seconds=0)

    def look():
        table = rows(sim.raw(PROD, "/api/v1/namespaces/innovate/pods?labelSelector=app%3Dfrontend&includeObject=None", TABLE)[2])
        seen.update(r["Status"] for r in table)
        return states <= seen and not any(r["Ready"] == "1/1" for r in table if r["Status"] == "Running")

    eventually(look)
    assert not ready(sim, "frontend")
    conditions = apps(sim).read_namespaced_deployment("frontend", "innovate").status.conditions
    assert [c.status for c in conditions if c.type == "Available"] == ["False"]
    assert sim.stop()


# Size


def processor_time(sim):
    return sum(int(word) for word in open(f"/proc/{sim.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def test_ten_thousand_pods(tmp_path):
    text = "        - {name: us-east-1b, subnet: 10.0.12.0/24}\n"
    path = peer.scenario_with(tmp_path, replace={text: text + "      generate: {pods: 10000, namespace: load}\n"})
    sim = peer.Sim(tmp_path, scenario=path)
    times = []
    for _ in range(5):
        begin = processor_time(sim)
        with sim.stream(PROD, "/api/v1/namespaces/load/pods?includeObject=None", TABLE) as reply:
            body = reply.read()
        times.append(processor_time(sim) - begin)
    table = json.loads(body)
    assert len(table["rows"]) == 10000 and {r["cells"][2] for r in table["rows"]} == {"Running"}
    assert min(times) < 0.25, times
    resident = next(int(line.split()[1]) for line in open(f"/proc/{sim.process.pid}/status") if line.startswith("VmRSS"))
    assert resident < 80000
    names, token = set(), ""
    while True:
        page = sim.raw(PROD, f"/api/v1/namespaces/load/pods?includeObject=None&limit=500&continue={token}", TABLE)[2]
        names |= {r["cells"][0] for r in page["rows"]}
        token = page["metadata"].get("continue")
        if not token:
            break
    assert len(names) == 10000
    print(f"\n10,000 pods: {len(body)} bytes, {min(times) * 1000:.0f} ms, {resident // 1024} MiB resident")
    assert sim.stop()


# Scenarios with mistakes


@pytest.mark.parametrize("old, new, place", [
    ("zone: us-east-1b, type: t3.medium", "zone: mars, type: t3.medium", "mars"), ("subnet: 10.0.12.0/24", "subnet: nowhere", "10.0.11.0/24"),
    ("log: nginx", "log: poem", "poem"), ("replicas: 6", "replicas: some", "replicas"), ("watch_window: 1000", "watch_windows: 1000", "watch_windows"),
    ("viewer: rosa-kim", "viewer: nobody", "nobody"), ("min: 4, max: 12", "min: 14, max: 12", "min")])
def test_mistakes_are_told_with_their_place(tmp_path, old, new, place):
    path = peer.scenario_with(tmp_path, replace={old: new})
    done = peer.subprocess.run([str(peer.peers.SIM), "--scenario", str(path), "--env"], env=peer.peers.clean_env(tmp_path), capture_output=True, timeout=20)
    assert done.returncode == 2 and done.stdout == b""
    assert place in done.stderr.decode() and f"{path}:" in done.stderr.decode() and done.stderr.count(b"\n") == 1
