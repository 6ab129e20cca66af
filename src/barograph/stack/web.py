"""Asking the APIs of a running stack: JSON over HTTP with the standard library, bounded in time and size."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from barograph.errors import BarographError, ParameterError

BYTES_AT_MOST = 1 << 26
SAID_AT_MOST = 300


class AnswerError(BarographError):
    """Nothing answered, or not what was asked for; `status` is the HTTP status, 0 where there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would hand the credentials to whoever is named there."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


class Api:
    """One server's API.

    Raises `ParameterError` for what is no http address.

    Credentials in the address become a header, and are shown nowhere.
    """

    def __init__(self, address: str, headers: Mapping[str, str] | None = None, timeout: float = 10.0) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            port = parts.port
        except ValueError as error:
            raise ParameterError(f"{address!r} is no address: {error}") from error
        odd = any(c.isspace() or not c.isprintable() for c in address)
        if parts.scheme not in ("http", "https") or not parts.hostname or odd or parts.query or parts.fragment:
            raise ParameterError(f"{_shown(address)!r} is no address such as http://localhost:9090")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.address = f"{parts.scheme}://{host}" + (f":{port}" if port else "") + parts.path.rstrip("/")
        self.headers = dict(headers or {})
        if parts.username is not None:
            user, password = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
            self.headers.setdefault("Authorization", basic(user, password))
        self.timeout = timeout

    def get(self, path: str, **parameters: str) -> Any:
        """JSON. Raises `AnswerError`."""
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        return self._json(urllib.request.Request(f"{self.address}{path}{query}", headers=self.headers))  # noqa: S310

    def form(self, path: str, **parameters: str) -> Any:
        """JSON for a form that was posted: long queries do not fit into an address. Raises `AnswerError`."""
        data = urllib.parse.urlencode(parameters).encode()
        return self._json(urllib.request.Request(f"{self.address}{path}", data, self.headers))  # noqa: S310

    def post(self, path: str, body: Any) -> Any:
        """JSON for JSON. Raises `AnswerError`."""
        headers = {**self.headers, "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        return self._json(urllib.request.Request(f"{self.address}{path}", data, headers))  # noqa: S310

    def up(self, path: str) -> bool:
        """Whether a path answers with success."""
        try:
            self._read(urllib.request.Request(f"{self.address}{path}", headers=self.headers))  # noqa: S310
        except AnswerError:
            return False
        return True

    def _json(self, request: urllib.request.Request) -> Any:
        data = self._read(request)
        try:
            return json.loads(data)
        except ValueError as error:
            raise AnswerError(f"{_asked(request)} answered something that is no JSON", 200) from error

    def _read(self, request: urllib.request.Request) -> bytes:
        asked = _asked(request)
        try:
            with _OPENER.open(request, timeout=self.timeout) as answer:
                data: bytes = answer.read(BYTES_AT_MOST + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise AnswerError(f"{asked} answered {error.code}{_said(error)}", error.code) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise AnswerError(f"{asked}: {getattr(reason, 'strerror', None) or reason}") from error
        if len(data) > BYTES_AT_MOST:
            raise AnswerError(f"{asked} answered more than {BYTES_AT_MOST:,} bytes", 200)
        return data


def basic(user: str, password: str) -> str:
    """The header of a name and password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str) -> str:
    """The header of a token.

    Raises `ParameterError` for one that no header can carry.
    """
    if not token.isascii() or not token.isprintable() or not token:
        raise ParameterError("the token holds characters that no HTTP header can carry; copy it again")
    return f"Bearer {token}"


def _asked(request: urllib.request.Request) -> str:
    return f"{request.get_method()} {request.full_url.partition('?')[0]}"


def _said(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return f", a redirect to {error.headers.get('Location', 'nowhere')}; give that address"
    try:
        body = error.read(100_000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    try:
        told = json.loads(body)
        said = str(told.get("error") or told.get("message") or "") if isinstance(told, dict) else ""
    except ValueError:
        said = ""
    return f": {said[:SAID_AT_MOST]}" if said else ""


def _shown(address: str) -> str:
    """An address without what may be its password."""
    return address.rpartition("@")[2]
