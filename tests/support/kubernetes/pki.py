"""The keys of a test cluster: one authority and what it signs, made anew for each cluster and worth a week."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.servers import origin
from support.servers.origin import DebianProgram

_OPENSSL = DebianProgram("openssl", "openssl")
_TIMEOUT_SECONDS = 30
_DAYS = "7"
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates of servers and clients below one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.pair = self._pair_of("ca")
        _openssl("req", "-x509", *_CURVE, "-days", _DAYS, "-subj", "/CN=test-cluster", *self._outputs(self.pair))

    def server(self, name: str, addresses: Sequence[str]) -> Pair:
        """A pair that clients accept from a server at these addresses (`DNS:x`, `IP:y`)."""
        return self._signed(name, f"/CN={name}", f"subjectAltName={','.join(addresses)}")

    def client(self, name: str, groups: Sequence[str] = ()) -> Pair:
        """A pair that makes its holder the user `name` with these groups."""
        subject = "".join(f"/O={group}" for group in groups)
        return self._signed(name.replace(":", "-"), f"{subject}/CN={name}", "extendedKeyUsage=clientAuth")

    def signing_pair(self, name: str) -> Pair:
        """A key and its public half, as service account tokens are signed and checked with."""
        pair = Pair(self._folder / f"{name}.pub", self._folder / f"{name}.key")
        _openssl("genrsa", "-out", str(pair.key), "2048")
        _openssl("rsa", "-in", str(pair.key), "-pubout", "-out", str(pair.certificate))
        return pair

    def _signed(self, name: str, subject: str, extension: str) -> Pair:
        pair, request, extensions = self._pair_of(name), self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extensions.write_text(extension + "\n")
        _openssl("req", *_CURVE, "-subj", subject, "-keyout", str(pair.key), "-out", str(request))
        signer = ["-CA", str(self.pair.certificate), "-CAkey", str(self.pair.key), "-CAcreateserial"]
        what = ["-in", str(request), "-extfile", str(extensions), "-out", str(pair.certificate)]
        _openssl("x509", "-req", "-days", _DAYS, *signer, *what)
        return pair

    def _pair_of(self, name: str) -> Pair:
        return Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")

    @staticmethod
    def _outputs(pair: Pair) -> list[str]:
        return ["-keyout", str(pair.key), "-out", str(pair.certificate)]


def _openssl(*words: str) -> None:
    subprocess.run([str(origin.program(_OPENSSL)), *words], check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
