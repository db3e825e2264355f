"""Where calls go and what they are signed for, held against botocore: every service of the list, in the standard partitions. And proxies."""
import base64
import datetime
import functools
import http.server
import json
import re
import socket
import ssl
import threading
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.loaders
import botocore.session
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from peers import ROOT, clean_env, trivet, write
from sim import MODELS, Sim, healthy_prod

REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-east-1")
OPERATIONS = [line.split() for line in (ROOT / "src/aws/operations.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
READERS = {words[0]: words[1] for words in reversed(OPERATIONS) if not {"WRITE", "BILLED"} & set(words)}
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PROFILE = 'name: p\nregion: {}\naccounts: [{{name: root, id: "111111111111", kind: management}}]\n'


class Listener:
    """Takes connections one after the other and hands each one's first bytes to answer(); what it gives is sent back."""

    def __init__(self, answer):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard, self.answer = [], answer
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                text = b""
                while b"\r\n\r\n" not in text and text[:1] != b"\x16" and (more := connection.recv(65536)):
                    text += more
                self.heard.append(text.decode("latin-1"))
                connection.sendall(self.answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def least(shapes, name):
    """The smallest value that a shape allows."""
    shape = shapes[name]
    if shape["type"] == "structure":
        return {member: least(shapes, shape["members"][member]["shape"]) for member in shape.get("required", [])}
    if shape["type"] == "list":
        return [least(shapes, shape["member"]["shape"])]
    value = {"map": {}, "integer": 1, "long": 1, "boolean": True, "timestamp": "2026-01-01T00:00:00Z"}.get(shape["type"], "a" * max(4, shape.get("min", 0)))
    return shape["enum"][0] if "enum" in shape else value


@functools.cache
def input_of(service):
    model = botocore.loaders.Loader().load_service_model(service, "service-2")
    shape = model["operations"][READERS[service]].get("input")
    return json.dumps(least(model["shapes"], shape["shape"]) if shape else {})


SESSION = botocore.session.Session()
UNSIGNED = ("sso", "sso-oidc")  # which the chain calls without keys


@functools.cache
def expected(service, region):
    """(host, region to sign with) as botocore's rules have them."""
    style = botocore.config.Config(s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"})  # a bucket's name may have dots, which no certificate covers
    client = SESSION.create_client(service, region, aws_access_key_id=KEY, aws_secret_access_key=SECRET, config=style)
    given = {"Bucket": "aaa"} if service == "s3" else {}
    rules = client._ruleset_resolver.construct_endpoint(client.meta.service_model.operation_model(READERS[service]), given, {})
    schemes = rules.properties.get("authSchemes") or [{}]
    return urllib.parse.urlsplit(rules.url).netloc, schemes[0].get("signingRegion") or client.meta.region_name


def ask(folder, service, region, **env):
    profile = write(folder / "p.yaml", PROFILE.format(region))
    env = clean_env(folder, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_MAX_ATTEMPTS="1", TRIVET_PROFILE=str(profile)) | env
    return trivet("call", service, READERS[service], "--input", input_of(service), env=env)


@pytest.mark.parametrize("service", sorted(READERS))
def test_hosts_and_regions(tmp_path, service):
    with Listener(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n") as proxy, Listener(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n") as endpoint:
        for region in REGIONS:
            host, signed_for = expected(service, region)
            proxy.heard.clear()
            done = ask(tmp_path, service, region, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", NO_PROXY="")
            assert done.code != 0 and len(done.err.splitlines()) == 1
            assert [line.split()[:2] for line in proxy.heard] == [["CONNECT", f"{host}:443"]], (region, done.err)
            endpoint.heard.clear()
            ask(tmp_path, service, region, AWS_ENDPOINT_URL=f"http://127.0.0.1:{endpoint.port}")
            scope = re.search(r"(?i)^authorization: .*Credential=[^/]+/\d{8}/([^/]+)/", endpoint.heard[0], re.M)
            assert service in UNSIGNED or scope[1] == signed_for, (region, endpoint.heard[0])


def test_an_image_s_address_leads_to_no_other_host(tmp_path):
    """Whoever may deploy writes any address: its "region" becomes part of the host to which signed requests, and the session's token, go."""
    backend = "        - name: backend\n          namespace: innovate\n"
    batch = "        - {name: batch, namespace: innovate, replicas: 1, image: \"111111111111.dkr.ecr.xyz/x.amazonaws.com/backend:1\"}\n"
    scenario = write(tmp_path / "scenario.yaml", healthy_prod((backend, batch + backend)))
    with Sim("--quiet", scenario=scenario) as sim, Listener(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n") as proxy:
        env = dict(sim.env)
        url = env.pop("AWS_ENDPOINT_URL")
        for service in set(READERS) - {"ecr"}:
            name = MODELS.load_service_model(service, "service-2")["metadata"]["serviceId"]
            env["AWS_ENDPOINT_URL_" + re.sub("[ -]", "_", name).upper()] = url
        trivet("show", "images", env=clean_env(tmp_path, **env, TRIVET_PROFILE="innovate", AWS_MAX_ATTEMPTS="1") |
               {"NO_PROXY": "", "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})
        assert {line.split()[1] for line in proxy.heard} == {"api.ecr.us-east-1.amazonaws.com:443"}


def test_configured_endpoints_have_their_order(tmp_path):
    """A service's own variable, the general one, the profile's [services], the profile's endpoint_url."""
    (tmp_path / ".aws").mkdir()
    no = b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n"
    with Listener(no) as own, Listener(no) as general, Listener(no) as services, Listener(no) as whole:
        url = lambda listener: f"http://127.0.0.1:{listener.port}/base"  # noqa: E731
        write(tmp_path / ".aws/config", f"[default]\nservices = mine\nendpoint_url = {url(whole)}\n[services mine]\nrds =\n  endpoint_url = {url(services)}\n")
        steps = [(own, {"AWS_ENDPOINT_URL_RDS": url(own), "AWS_ENDPOINT_URL": url(general)}), (general, {"AWS_ENDPOINT_URL": url(general)}), (services, {})]
        for listener, env in steps:
            ask(tmp_path, "rds", "eu-central-1", **env)
            assert listener.heard and listener.heard[0].startswith("POST /base/ "), env
        ask(tmp_path, "ec2", "eu-central-1")
        assert len(whole.heard) == 1 and len(services.heard) == len(general.heard) == len(own.heard) == 1
        done = ask(tmp_path, "rds", "eu-central-1", AWS_ENDPOINT_URL_RDS="ftp://x")
        assert done.code == 2 and '"ftp://x": expected http://host[:port] or https://host[:port]' in done.err
        ask(tmp_path, "rds", "eu-central-1", AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
            HTTPS_PROXY=f"http://127.0.0.1:{own.port}", NO_PROXY="")
        assert own.heard[-1].startswith("CONNECT rds.eu-central-1.amazonaws.com:443 ")


def test_no_proxy_is_kept(tmp_path):
    with Listener(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n") as proxy, Listener(b"never TLS") as service:
        env = dict(HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", AWS_ENDPOINT_URL=f"https://localhost:{service.port}")
        ask(tmp_path, "rds", "us-east-1", NO_PROXY="localhost", **env)
        assert not proxy.heard
        ask(tmp_path, "rds", "us-east-1", NO_PROXY="example.org", **env)
        assert proxy.heard and proxy.heard[0].startswith(f"CONNECT localhost:{service.port} ")


def certificate(folder):
    """(PEM with key and certificate) of localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
             .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
             .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
             .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + built.public_bytes(Encoding.PEM)
    return write(folder / "localhost.pem", pem.decode())


class Identity(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>333333333333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_certificates_are_checked_against_the_bundle(tmp_path):
    pem = certificate(tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Identity)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        ask_at = lambda host, **env: trivet("call", "sts", "GetCallerIdentity", "--json", env=clean_env(  # noqa: E731
            tmp_path, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_MAX_ATTEMPTS="1", AWS_ENDPOINT_URL=f"https://{host}:{server.server_port}",
            TRIVET_PROFILE=str(write(tmp_path / "p.yaml", PROFILE.format("us-east-1"))), **env))
        assert ask_at("localhost", AWS_CA_BUNDLE=str(pem)).json["Account"] == "333333333333"
        for done in (ask_at("localhost"), ask_at("127.0.0.1", AWS_CA_BUNDLE=str(pem)), ask_at("localhost", AWS_CA_BUNDLE=str(tmp_path / "none.pem"))):
            assert done.code == 2 and done.err.startswith("trivet: TLS: ") and len(done.err.splitlines()) == 1, done.err
    finally:
        server.shutdown()
        server.server_close()


class Cluster(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.tokens.append(self.headers.get("authorization", ""))
        self.send_response(403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_the_token_of_a_cluster_is_what_botocore_would_sign(tmp_path, monkeypatch, token):
    """Every byte of the presigned URL, signed again by botocore for the same moment."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cluster)
    server.tokens = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        profile = write(tmp_path / "p.yaml", 'name: p\nregion: eu-central-1\naccounts:\n- {name: prod, id: "333333333333", kind: production, '
                                             f'cluster: {{name: my-cluster, server: "http://127.0.0.1:{server.server_port}"}}}}\n')
        env = clean_env(tmp_path, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, TRIVET_PROFILE=str(profile), **({"AWS_SESSION_TOKEN": token} if token else {}))
        done = trivet("show", "pods", "--log", tmp_path / "log", env=env)
        assert done.code == 2
    finally:
        server.shutdown()
        server.server_close()
    bearer = server.tokens[0]
    assert bearer.startswith("Bearer k8s-aws-v1.") and "=" not in bearer
    assert "k8s-aws-v1" not in (tmp_path / "log").read_text() + done.out + done.err
    text = bearer.removeprefix("Bearer k8s-aws-v1.")
    url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    assert query["X-Amz-Expires"] == "60" and query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id" and query.get("X-Amz-Security-Token") == token
    at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: at)
    request = botocore.awsrequest.AWSRequest("GET", "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
                                             headers={"x-k8s-aws-id": "my-cluster"})
    botocore.auth.SigV4QueryAuth(botocore.credentials.Credentials(KEY, SECRET, token), "sts", "eu-central-1", expires=60).add_auth(request)
    assert query == dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query))
    assert urllib.parse.urlsplit(url)[:3] == urllib.parse.urlsplit(request.url)[:3]
