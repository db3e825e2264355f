"""Stands before a simulated AWS and lets a test do something of its own between two requests."""
import http.client
import http.server
import threading
import urllib.parse


class Proxy:
    """`before(operation)` is called with each AWS operation in X-Amz-Target, before it is passed on; `calls` has them all. `after(path, body)` gives
    the body that is passed back."""

    def __init__(self, url, before=lambda operation: None, after=lambda path, body: body):
        self.calls = []
        upstream = urllib.parse.urlsplit(url)
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                if operation:
                    before(operation)
                    proxy.calls.append(operation)
                there = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=60)
                there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():  # Host too: the signature is over it
                    there.putheader(name, value)
                there.endheaders(body)
                reply = there.getresponse()
                data = after(self.path, reply.read())
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                there.close()

            do_GET = do_POST = do_PUT = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
