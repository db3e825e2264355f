"""An HTTP/2 front over TLS, as an EKS API server has one: each stream is passed on to a server that speaks HTTP/1.1 alone. It counts connections and
the streams on each, and can misbehave as such servers do."""
import asyncio
import contextlib
import ssl
import threading
import urllib.parse

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import trustme

HOP_BY_HOP = ("connection", "transfer-encoding", "keep-alive", "content-length")


class Stream:
    """One request: its path, and how much of the reply has gone out."""

    def __init__(self, connection, number, path):
        self.connection, self.number, self.path, self.body, self.task = connection, number, path, b"", None
        self.ended = False


class Connection(asyncio.Protocol):
    def __init__(self, front):
        self.front, self.streams, self.most, self.leaving = front, {}, 0, False
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.window = asyncio.Event()  # there may be room for more

    def connection_made(self, transport):
        self.transport = transport
        self.front.connections.append(self)
        if self.front.is_away:
            transport.abort()
            return
        assert transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        self.h2.initiate_connection()
        self.h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: self.front.most_streams})
        self.flush()

    def connection_lost(self, _):
        for stream in list(self.streams.values()):
            self.forget(stream)
        self.front.connections.remove(self)

    def flush(self):
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.begin(event.stream_id, dict(event.headers))
            elif isinstance(event, h2.events.DataReceived) and event.stream_id in self.streams:
                self.streams[event.stream_id].body += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.WindowUpdated):
                self.window.set()
            elif isinstance(event, h2.events.StreamReset) and event.stream_id in self.streams:
                self.forget(self.streams[event.stream_id])
            if isinstance(event, h2.events.StreamEnded) and event.stream_id in self.streams:
                stream = self.streams[event.stream_id]
                stream.task = asyncio.ensure_future(self.pass_on(stream))
        self.flush()

    def begin(self, number, headers):
        if self.leaving or len(self.streams) >= self.front.most_streams:  # it was on its way before we said so
            self.h2.reset_stream(number, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        stream = self.streams[number] = Stream(self, number, headers[":path"])
        stream.headers, stream.method = headers, headers[":method"]
        self.most = max(self.most, len(self.streams))
        self.front.requests.append(stream)

    def forget(self, stream):
        self.streams.pop(stream.number, None)
        stream.ended = True
        if stream.task:
            stream.task.cancel()

    async def pass_on(self, stream):
        writer = None
        try:
            reader, writer = await asyncio.open_connection(self.front.upstream.hostname, self.front.upstream.port)
            await self.relay(stream, reader, writer)
            self.h2.end_stream(stream.number)
            self.flush()
        except (OSError, asyncio.IncompleteReadError):
            self.reset(stream)
        finally:
            stream.ended = True
            self.streams.pop(stream.number, None)
            if writer:
                writer.close()

    async def relay(self, stream, reader, writer):
        head = [f"{stream.method} {stream.path} HTTP/1.1", f"Host: {self.front.upstream.netloc}", f"Content-Length: {len(stream.body)}",
                "Connection: close"]
        head += [f"{name}: {value}" for name, value in stream.headers.items() if not name.startswith(":") and name not in (*HOP_BY_HOP, "host")]
        writer.write("\r\n".join([*head, "", ""]).encode() + stream.body)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        headers = [(name.lower(), value) for name, value in (line.split(": ", 1) for line in lines)]
        self.h2.send_headers(stream.number, [(":status", status.split()[1])] + [(n, v) for n, v in headers if n not in HOP_BY_HOP])
        self.flush()
        if dict(headers).get("transfer-encoding") == "chunked":
            while size := int(await reader.readuntil(b"\r\n"), 16):
                await self.send(stream, (await reader.readexactly(size + 2))[:-2])
        else:
            while data := await reader.read(65536):
                await self.send(stream, data)

    async def send(self, stream, data):
        while data:
            room = min(self.h2.local_flow_control_window(stream.number), self.h2.max_outbound_frame_size)
            if room <= 0:
                self.window.clear()
                await self.window.wait()
                continue
            self.h2.send_data(stream.number, data[:room])
            self.flush()
            data = data[room:]

    def reset(self, stream):
        with contextlib.suppress(h2.exceptions.ProtocolError):
            self.h2.reset_stream(stream.number, h2.errors.ErrorCodes.INTERNAL_ERROR)
            self.flush()
        self.forget(stream)

    def goaway(self):
        """No further stream on this connection; those that are there go on."""
        self.leaving = True
        self.h2.close_connection(last_stream_id=self.h2.highest_inbound_stream_id)
        self.flush()
        # What h2 takes for the end, RFC 9113 does not: streams that are open may be finished.
        self.h2.state_machine.state = h2.connection.ConnectionState.SERVER_OPEN


class Front:
    """Stands before `url` while it is entered; `url` and `ca` (a file) are for clients."""

    def __init__(self, url, folder, most_streams=250):
        self.upstream, self.most_streams = urllib.parse.urlsplit(url), most_streams
        self.connections, self.requests, self.is_away = [], [], False
        authority = trustme.CA()
        self.ca = folder / "front-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.context)
        self.context.set_alpn_protocols(["h2"])
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        make = self.loop.create_server(lambda: Connection(self), "127.0.0.1", 0, ssl=self.context)
        self.server = asyncio.run_coroutine_threadsafe(make, self.loop).result(30)
        self.url = f"https://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_):
        self.do(self.server.close)
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def do(self, what):
        """In the front's own thread, where all of this lives."""
        async def run():
            return what()
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(30)

    def watches(self):
        """The watches that are open: (connection, path) of each."""
        return self.do(lambda: [(c, s.path) for c in self.connections for s in c.streams.values() if "watch=1" in s.path])

    def cut(self):
        """All connections are gone from one moment to the next."""
        self.do(lambda: [c.transport.abort() for c in list(self.connections)])

    def away(self, is_away):
        """While it is, who connects is hung up on."""
        self.do(lambda: setattr(self, "is_away", is_away))

    def goaway(self):
        self.do(lambda: [c.goaway() for c in self.connections])

    def reset(self, word):
        """Watches with the word in their path are reset, one by one."""
        def run():
            hit = [(c, s) for c in self.connections for s in list(c.streams.values()) if "watch=1" in s.path and word in s.path]
            for connection, stream in hit:
                connection.reset(stream)
            return len(hit)
        return self.do(run)
