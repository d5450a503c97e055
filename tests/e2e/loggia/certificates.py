"""Certificates for tests, made by `openssl`, and contexts of Python's `ssl` that go by them."""

import hashlib
import ssl
import subprocess


class Certificate:
    """A certificate and its key in files. Without an issuer it is its own."""

    def __init__(self, folder, name="localhost", issuer=None, kind=("ec", "ec_paramgen_curve:P-256"), authority=False):
        folder.mkdir(parents=True, exist_ok=True)
        self.cert, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        command = ["openssl", "req", "-x509", "-newkey", kind[0], "-pkeyopt", kind[1], "-nodes", "-days", "30"]
        command += ["-keyout", self.key, "-out", self.cert, "-subj", f"/CN={name}"]
        command += ["-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"]
        command += ["-addext", f"basicConstraints=critical,CA:{'TRUE' if authority else 'FALSE'}"]
        if issuer is not None:
            command += ["-CA", issuer.cert, "-CAkey", issuer.key]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)

    @property
    def files(self):
        """As `[[listen]] tls` names them."""
        return {"cert": str(self.cert), "key": str(self.key)}

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.cert.read_text())

    @property
    def fingerprint(self):
        return hashlib.sha256(self.der).hexdigest()


def trusting(certificate=None, client=None, version=None):
    """A context that accepts one certificate, or any; with `client`, it shows that when it is asked."""
    context = ssl.create_default_context()
    context.check_hostname = certificate is not None
    context.verify_mode = ssl.CERT_REQUIRED if certificate is not None else ssl.CERT_NONE
    if certificate is not None:
        context.load_verify_locations(certificate.cert)
    if client is not None:
        context.load_cert_chain(client.cert, client.key)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context
