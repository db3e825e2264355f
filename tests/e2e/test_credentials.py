"""The credential chain, each source by itself. The keys that it finds are checked by ministack, which verifies every signature."""
import datetime
import hashlib
import http.server
import json
import sys
import threading

import pytest

from peers import clean_env, start_ministack, trivet, write
from test_ministack import ACCOUNTS, EXTERNAL_ID, make_role, make_user


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("credentials")
    server, url = start_ministack(folder)
    try:
        arn, key, secret = make_user(url)
        make_role(url, ACCOUNTS["prod"][0], arn)
        yield url, key, secret
    finally:
        server.stop()


@pytest.fixture
def home(tmp_path, service):
    """(folder, environment) of a person without any credentials; the profile that trivet shows is of one account."""
    write(tmp_path / "p.yaml", 'name: p\nregion: us-east-1\naccounts: [{name: root, id: "111111111111", kind: management}]\n')
    (tmp_path / ".aws").mkdir()
    return tmp_path, clean_env(tmp_path, AWS_ENDPOINT_URL_STS=service[0], TRIVET_PROFILE=str(tmp_path / "p.yaml"))


def who(env, *more):
    return trivet("call", "sts", "GetCallerIdentity", "--json", *more, env=env)


def is_oncall(done):
    assert done.code == 0, done.err
    assert done.json["Arn"] == "arn:aws:iam::111111111111:user/oncall"


def refused(done, *words):
    assert done.code == 2 and len(done.err.splitlines()) == 1, done.err
    for word in words:
        assert word in done.err


class Answers:
    """A small HTTP server with canned replies, that remembers what it was asked."""

    def __init__(self, replies):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                outer.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
                status, body = replies(self.command, self.path, self.headers)
                body = body.encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def keys_json(service, **more):
    later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"AccessKeyId": service[1], "SecretAccessKey": service[2], "Expiration": later, **more})


def test_none_lists_each_source(home):
    refused(who(home[1]), "NoCredentials", "environment: AWS_ACCESS_KEY_ID is not set", 'profile: no profile "default"',
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set", "container: ", "instance metadata: AWS_EC2_METADATA_DISABLED is true")


def test_environment(home, service):
    is_oncall(who(dict(home[1], AWS_ACCESS_KEY_ID=service[1], AWS_SECRET_ACCESS_KEY=service[2])))
    refused(who(dict(home[1], AWS_ACCESS_KEY_ID=service[1])), "environment: AWS_SECRET_ACCESS_KEY is not set")


def test_credentials_file_stands_before_config_file(home, service):
    folder, env = home
    write(folder / ".aws/config", "[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n")
    write(folder / ".aws/credentials", f"# mine\n[default]\naws_access_key_id={service[1]}\n aws_secret_access_key = {service[2]}\n")
    is_oncall(who(env))


def test_named_profile_that_is_not_there(home):
    refused(who(dict(home[1], AWS_PROFILE="nobody")), "ProfileNotFound", '"nobody"')


def test_broken_config_is_told_with_its_place(home):
    write(home[0] / ".aws/config", "[default]\nthis is no setting\n")
    refused(who(home[1]), ".aws/config:2: expected key = value")


def test_process(home, service):
    folder, env = home
    tool = write(folder / "a tool.py", f"import sys\nassert sys.argv[1] == 'one word'\nprint({keys_json(service, Version=1)!r})\n")
    write(folder / ".aws/config", f"[default]\ncredential_process = {sys.executable} '{tool}' \"one word\"\n")
    is_oncall(who(env))
    for text, word in (("import sys; sys.exit(3)", "status 3"), ("print('no json')", "expected JSON"), ("print('{\"Version\": 2}')", '"Version": 1'),
                       ("print('{\"Version\": 1}')", "AccessKeyId")):
        tool.write_text(text)
        refused(who(env), "CredentialProcess", word)


def test_keys_with_little_time_left_are_used(home, service):
    """A program may hand out cached ones."""
    folder, env = home
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    tool = write(folder / "tool.py", f"print({keys_json(service, Version=1, Expiration=soon)!r})\n")
    write(folder / ".aws/config", f"[default]\ncredential_process = {sys.executable} {tool}\n")
    is_oncall(who(env))
    tool.write_text(tool.read_text().replace(soon, "2020-01-01T00:00:00Z"))
    refused(who(env), "ExpiredToken", "is the clock right?")


def test_names_as_the_cli_writes_them(home, service):
    folder, env = home
    write(folder / ".aws/config", f'[profile "on call"]\nAWS_Access_Key_Id = {service[1]}\naws_secret_access_key = {service[2]}\n')
    is_oncall(who(dict(env, AWS_PROFILE="on call")))


def test_token_with_a_line_break_is_not_sent(home):
    folder, env = home
    with Answers(lambda *_: (200, "{}")) as container:
        env = dict(env, AWS_CONTAINER_CREDENTIALS_FULL_URI=container.url + "/x", AWS_CONTAINER_AUTHORIZATION_TOKEN="a\r\nx-injected: b")
        refused(who(env), "BadHeader")
        assert not container.asked


def test_role_of_a_profile(home, service):
    folder, env = home
    role = f"role_arn = arn:aws:iam::333333333333:role/TrivetReader\nexternal_id = {EXTERNAL_ID}\n"
    write(folder / ".aws/credentials", f"[base]\naws_access_key_id = {service[1]}\naws_secret_access_key = {service[2]}\n")
    write(folder / ".aws/config", f"[profile r]\n{role}source_profile = base\n[profile e]\n{role}credential_source = Environment\n"
                                  "[profile loop]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = loop2\n"
                                  "[profile loop2]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = loop\n"
                                  "[profile half]\nrole_arn = arn:aws:iam::1:role/x\n")
    done = who(dict(env, AWS_PROFILE="r"))
    assert done.json["Arn"].startswith("arn:aws:sts::333333333333:assumed-role/TrivetReader/trivet-")
    keys = dict(AWS_ACCESS_KEY_ID=service[1], AWS_SECRET_ACCESS_KEY=service[2])
    assert who(dict(env, **keys), "--aws-profile", "e").json["Account"] == "333333333333"
    is_oncall(who(dict(env, **keys, AWS_PROFILE="r")))  # keys in the environment stand before AWS_PROFILE, as in the SDKs
    refused(who(env, "--aws-profile", "e"), "credential_source = Environment", "AWS_ACCESS_KEY_ID is not set")
    refused(who(env, "--aws-profile", "loop"), "ProfileLoop")
    refused(who(env, "--aws-profile", "half"), "ProfileIncomplete", "source_profile")


def test_container(home, service):
    folder, env = home

    def replies(method, path, headers):
        return (200, keys_json(service)) if headers.get("authorization") == "letter" else (403, "{}")

    with Answers(replies) as container:
        env = dict(env, AWS_CONTAINER_CREDENTIALS_FULL_URI=container.url + "/creds")
        is_oncall(who(dict(env, AWS_CONTAINER_AUTHORIZATION_TOKEN="letter")))
        is_oncall(who(dict(env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(write(folder / "token", "letter\n")))))
        refused(who(env), "HTTP 403")
    refused(who(dict(env, AWS_CONTAINER_CREDENTIALS_FULL_URI="http://10.0.0.1/creds")), "expected https://, loopback or a container address")


def test_instance_metadata_version_2(home, service):
    def replies(method, path, headers):
        if (method, path) == ("PUT", "/latest/api/token"):
            return (200, "t0ken") if headers.get("x-aws-ec2-metadata-token-ttl-seconds") else (400, "")
        if headers.get("x-aws-ec2-metadata-token") != "t0ken":
            return 401, ""
        if path == "/latest/meta-data/iam/security-credentials/":
            return 200, "console-role\n"
        return (200, keys_json(service, Code="Success")) if path.endswith("/console-role") else (404, "")

    env = {k: v for k, v in home[1].items() if k != "AWS_EC2_METADATA_DISABLED"}
    with Answers(replies) as metadata:
        is_oncall(who(dict(env, AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url)))
        assert [a[0] for a in metadata.asked] == ["PUT", "GET", "GET"]
    refused(who(dict(env, AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url)), "instance metadata: no answer")


def sso_home(folder, name, **token):
    write(folder / ".aws/config", f"[profile s]\nsso_session = {name}\nsso_account_id = 111111111111\nsso_role_name = Reader\n"
                                  f"[sso-session {name}]\nsso_region = us-east-1\nsso_start_url = https://innovate.example/start\n")
    cache = folder / ".aws/sso/cache"
    cache.mkdir(parents=True, exist_ok=True)
    return write(cache / (hashlib.sha1(name.encode()).hexdigest() + ".json"), json.dumps(token))


def test_sso(home, service):
    folder, env = home
    role = json.dumps({"roleCredentials": {"accessKeyId": service[1], "secretAccessKey": service[2], "expiration": 4102444800000}})

    def replies(method, path, headers):
        if path == "/token":
            return 200, json.dumps({"accessToken": "new", "expiresIn": 3600, "tokenType": "Bearer"})
        return (200, role) if headers.get("x-amz-sso_bearer_token") in ("good", "new") else (401, json.dumps({"message": "Session token not found"}))

    with Answers(replies) as portal:
        env = dict(env, AWS_PROFILE="s", AWS_ENDPOINT_URL_SSO=portal.url, AWS_ENDPOINT_URL_SSO_OIDC=portal.url)
        sso_home(folder, "work", accessToken="good", expiresAt="2100-01-01T00:00:00Z")
        is_oncall(who(env))
        path = portal.asked[0][1]
        assert path.startswith("/federation/credentials?") and "role_name=Reader" in path and "account_id=111111111111" in path
        kept = sso_home(folder, "work", accessToken="old", expiresAt="2020-01-01T00:00:00Z", refreshToken="r", clientId="c", clientSecret="s")
        is_oncall(who(env))
        assert json.loads(kept.read_text())["accessToken"] == "new" and kept.stat().st_mode & 0o777 == 0o600
        sso_home(folder, "work", accessToken="old", expiresAt="2020-01-01T00:00:00Z")
        refused(who(env), "SSOTokenExpired", "aws sso login --profile s")
    kept.unlink()
    refused(who(env), "not logged in")


def test_web_identity_sends_the_token_unsigned(home):
    folder, env = home
    body = ('<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error/></AssumeRoleWithWebIdentityResponse>')
    with Answers(lambda *_: (200, body)) as sts:
        env = dict(env, AWS_ENDPOINT_URL_STS=sts.url, AWS_ROLE_ARN="arn:aws:iam::111111111111:role/x",
                   AWS_WEB_IDENTITY_TOKEN_FILE=str(write(folder / "jwt", "a.b.c\n")))
        refused(who(env), "BadReply")
        _, _, headers, sent = sts.asked[0]
        assert b"WebIdentityToken=a.b.c" in sent and "authorization" not in {h.lower() for h in headers}


def test_one_session_serves_many_calls(home, service):
    folder, env = home
    write(folder / "p.yaml", 'name: p\nregion: us-east-1\naccounts: [{name: prod, id: "333333333333", kind: production, role: TrivetReader, '
                             f'external_id: {EXTERNAL_ID}}}]\n')
    log = folder / "log"
    trivet("show", "overview", "--log", log, env=dict(env, AWS_ENDPOINT_URL=service[0], AWS_ACCESS_KEY_ID=service[1], AWS_SECRET_ACCESS_KEY=service[2]))
    text = log.read_text()
    assert text.count(" http sts AssumeRole") == 1 and text.count(" http ") > 3
