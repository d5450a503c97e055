"""A push service for tests: takes what servers send to devices (RFC 8030), and reads it as the device would (RFC 8291)."""

import base64
import json
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .certificates import Certificate
from .waiting import until


def written(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derived(salt, secret, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class Device:
    """What subscribes: a browser or a telephone."""

    def __init__(self, service, name):
        self.service, self.path = service, f"/push/{name}"
        self.endpoint = f"https://localhost:{service.port}{self.path}"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._public = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self._secret = os.urandom(16)

    @property
    def keys(self):
        """As `WEBPUSH REGISTER` takes them."""
        return f"p256dh={written(self._public)};auth={written(self._secret)}"

    def opened(self, sealed):
        """The text of a message, in one record."""
        salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
        theirs, record = sealed[21 : 21 + length], sealed[21 + length :]
        assert len(sealed) <= size == 4096
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        material = derived(self._secret, shared, b"WebPush: info\0" + self._public + theirs, 32)
        key = derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert text[-1] == 2, "the last record ends with 2"
        return text[:-1].decode()

    @property
    def told(self):
        """All that it was told and the service took, in order."""
        return [self.opened(body) for path, _, body, status in list(self.service.requests) if path == self.path and status < 300]

    def hears(self, count=1):
        """Waits until it was told so much; returns it."""
        until(lambda: len(self.told) >= count, lambda: f"{count} notifications: {self.told}\n{self.service.requests}")
        assert len(self.told) == count, self.told
        return self.told


class PushService:
    """Listens with a certificate for `localhost` on this machine. `answers[path]`: the statuses of its next answers, then 201."""

    def __init__(self, folder):
        self.certificate = Certificate(folder, "localhost")
        self.requests, self.answers = [], {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                statuses = service.answers.get(self.path, [])
                status = statuses.pop(0) if statuses else 201
                service.requests.append((self.path, self.headers, body, status))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"https://localhost:{service.port}/push/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.cert, self.certificate.key)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def headers_of(self, device):
        return [headers for path, headers, _, _ in list(self.requests) if path == device.path]

    def statuses_of(self, device):
        return [status for path, _, _, status in list(self.requests) if path == device.path]


def claims(authorization, public_key):
    """Checks the signature of `Authorization: vapid …` (RFC 8292) by the key that clients were told; returns what it says."""
    scheme, rest = authorization.split(" ", 1)
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid" and parts["k"] == public_key
    said, signature = parts["t"].rsplit(".", 1)
    raw = read(signature)
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(public_key))
    key.verify(signature, said.encode(), ec.ECDSA(hashes.SHA256()))
    head, payload = (json.loads(read(part)) for part in said.split("."))
    assert head == {"alg": "ES256", "typ": "JWT"}
    return payload
