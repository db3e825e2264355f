"""What the documents promise to whoever sets trivet up, held against what it asks for."""
import json
import re

from peers import ROOT, clean_env, trivet, write
from sim import Sim

IAM = {("budgets", "DescribeBudgets"): "budgets:ViewBudget", ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
       ("budgets", "DescribeSubscribersForNotification"): "budgets:ViewBudget", ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
       ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock"}
FREE = ("sts", "sso", "sso-oidc")  # allowed by the trust of a role, or asked for with a token
SECURITY = (ROOT / "doc/SECURITY.md").read_text()


def operations():
    for line in (ROOT / "src/aws/operations.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and words[0] not in FREE:
            yield words[0], words[1], words[2:]


def iam(service, operation):
    return IAM.get((service, operation), f"{'elasticloadbalancing' if service == 'elbv2' else service}:{operation}")


def allowed(policy):
    statements = json.loads((ROOT / f"doc/iam/{policy}.json").read_text())["Statement"]
    assert all(s["Effect"] == "Allow" for s in statements)
    return {action for s in statements for action in s["Action"]}


def test_the_reader_may_do_what_only_reads_and_nothing_else():
    assert allowed("reader") == {iam(service, operation) for service, operation, flags in operations() if "WRITE" not in flags}


def test_the_operator_may_do_what_actions_call_and_nothing_else():
    text = "".join(path.read_text() for path in sorted((ROOT / "src/actions").glob("*.c")))
    called = {iam(service, operation) for service, operation, _ in operations() if re.search(rf'"{service}",\s*"{operation}"', text)}
    writes = {iam(service, operation): "SIMULATED" in flags for service, operation, flags in operations() if "WRITE" in flags}
    assert len(writes) > 8 and [name for name, simulated in writes.items() if simulated == (name in called)] == []
    assert allowed("operator") == called | {"eks:DescribeCluster", "iam:PassRole"}  # for a token's cluster; for what a schedule runs as


def test_what_costs_money_is_named():
    billed = [iam(service, operation) for service, operation, flags in operations() if "BILLED" in flags]
    assert len(billed) == 4 and [name for name in billed if f"`{name}`" not in SECURITY] == []


def with_allowed(**roles):
    """The healthy scenario, but that the roles may do what is given, in every account, and call clusters."""
    accounts = []
    for name in ("root", "dev", "prod"):
        grants = ", ".join(f"{{name: {role}, allow: {json.dumps(sorted(grant))}}}" for role, grant in roles.items())
        accounts.append(f"  - {{name: {name}, roles: [{grants}]}}\n")
    return "like: healthy\nname: policies\naccounts:\n" + "".join(accounts)


def granted(policy, *more):
    """In the simulator's words, which are botocore's."""
    allow = allowed(policy)
    return [f"{service}:{operation}" for service, operation, _ in operations() if iam(service, operation) in allow] + list(more)


def test_the_policies_are_enough(tmp_path):
    """In a cluster it is access entries that decide; the simulator's roles have words for them."""
    text = with_allowed(TrivetReader=granted("reader", "sts:GetCallerIdentity", "eks:AccessKubernetesApi"),
                        TrivetOperator=granted("operator", "sts:GetCallerIdentity", "iam:PassRole", "eks:AccessKubernetesApi",
                                               "eks:MutateViaKubernetesApi"))
    with Sim("--quiet", "--speed", "100", scenario=write(tmp_path / "policies.yaml", text)) as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="demo")
        for pane in json.loads((ROOT / "doc/show.schema.json").read_text())["properties"]["pane"]["enum"]:
            done = trivet("show", pane, "--json", *(["--paid"] if pane == "costs" else []), env=env)
            assert done.code == 0, pane + done.out[-2000:] + done.err
        actions = [["dev", "stop"], ["dev", "start"], ["dev", "schedule", "remove"], ["dev", "schedule", "create"],
                   ["action", "restart", "innovate/backend", "--account", "dev"],
                   ["action", "waf-block", "innovate-edge", "--account", "prod", "--value", "192.0.2.1 1h", "--confirm", "innovate-edge"],
                   ["action", "invalidate", "E2INNOVATE0EDG", "--account", "prod", "--value", "/x", "--confirm", "E2INNOVATE0EDG"],
                   ["drill", "rds", "--account", "prod", "--db", "innovate-prod", "--confirm", "innovate-prod"]]
        for action in actions:
            done = trivet(*action, "--yes", "--reason", "the policies are tried", env=env)
            assert done.code == 0 and "not authorized" not in done.out, (action, done.out[-3000:], done.err)


def test_kubernetes_is_asked_only_for_what_the_page_says(tmp_path):
    sentence = re.search(r"may `get`, `list` and `watch` (.*?)\(", SECURITY, re.S).group(1)
    told = set(re.findall(r"[a-z][a-z0-9./]+", sentence)) - {"and"}
    operator = re.search(r"In the cluster it has to (.*?), in the namespaces", SECURITY, re.S).group(1)
    assert operator == "`get` and `patch` deployments, and to `get` and `delete` pods"
    steps = write(tmp_path / "steps", ":pods\n:wait text backend\n<Enter>\n:wait text CONTAINERS\n<Esc>l\n:wait text INFO\n<Esc>y\n:wait text apiVersion\n"
                                      "<Esc>:nodes\n:wait fresh\n:quit\n")
    with Sim("--speed", "50") as sim:
        env = clean_env(tmp_path, **sim.env, TRIVET_PROFILE="demo")
        assert trivet("check", env=env).code == 0
        assert trivet("show", "pods", env=env).code == 0 and trivet("show", "nodes", env=env).code == 0
        done = trivet("--script", steps, env=env)
        assert done.code == 0, done.err
        assert trivet("action", "restart", "innovate/backend", "--account", "dev", "--yes", env=env).code == 0
        calls = re.findall(r"(?m)^\S+ ([A-Z]+) /k8s/\d+/[\w-]+/api(?:s/([^/]+))?/v[^/]+(?:/namespaces/[^/]+(?=/))?/(\w+)(?:/[^/ ?]+)?(/log)?",
                           sim.log())
    asked = {(group if "." in group else "") and f"{resource}.{group}" or resource + log for method, group, resource, log in calls if method == "GET"}
    assert asked == told
    assert {(method, resource) for method, _, resource, _ in calls if method != "GET"} == {("PATCH", "deployments")}
