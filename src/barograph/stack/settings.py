"""What the user says of a stack, checked once: every generated file is made from it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from barograph.baseline import Baseline
from barograph.errors import ParameterError
from barograph.live.cells import column_cells

Format = Literal["compose", "files", "kubernetes"]
FORMATS: tuple[Format, ...] = get_args(Format)

JOB = "ml-api"
PORTS = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000}
GATEWAY = "host.docker.internal"
SERVICE_PORT = 8000
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - bound to only where the user asks for it
HERE = frozenset({"localhost", LOOPBACK, EVERYWHERE, "[::1]"})

_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?\Z")
_SERVICE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?\Z")
_LINK = re.compile(r"https?://[\w.:/~%@+=,-]+[^/]\Z", re.ASCII)  # braces would be a template of Prometheus
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?\Z")


@dataclass(frozen=True)
class Settings:
    """How a stack is generated.

    Attributes
    ----------
    format
        Docker compose, plain configuration files, or Kubernetes manifests.
    targets
        `host:port` of the services to scrape at `/metrics`; on Kubernetes `service[.namespace]:port`, the port by
        number or name. Without any: port 8000 of the host, or the Services that bear a label.
    baseline
        Whose columns the rules for drift in PromQL are for; without it there are no such rules.
    ports, bind
        Where Prometheus, Alertmanager and Grafana listen: on loopback only, unless asked for more.
    runbooks
        Address of the runbooks for links in notifications, without a slash at its end; `None` for the path in the
        repository.
    interval
        Seconds between two scrapes, and between two evaluations of the rules.

    Raises `ParameterError`.
    """

    format: Format = "compose"
    targets: tuple[str, ...] = ()
    baseline: Baseline | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    bind: str = LOOPBACK
    runbooks: str | None = None
    interval: int = 15

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ParameterError(f"there is no format {self.format!r}; there are {', '.join(FORMATS)}")
        valid = _service if self.format == "kubernetes" else _target
        object.__setattr__(self, "targets", tuple(dict.fromkeys(valid(target) for target in self.targets)))
        object.__setattr__(self, "ports", {**PORTS, **self.ports})
        if wrong := sorted(set(self.ports) - set(PORTS)):
            raise ParameterError(f"no port is called {wrong[0]!r}; there are {', '.join(PORTS)}")
        for name, port in self.ports.items():
            if not 0 < port < 65536:
                raise ParameterError(f"{name} cannot listen on port {port}; give one from 1 to 65535")
        if len(set(self.ports.values())) < len(self.ports):
            raise ParameterError(f"two of {dict(self.ports)} are the same port; give each its own")
        try:
            ipaddress.IPv4Address(self.bind)
        except ValueError as error:
            raise ParameterError(f"{self.bind!r} is no IPv4 address to bind to; give 127.0.0.1 or 0.0.0.0") from error
        if self.runbooks is not None and not _LINK.match(self.runbooks):
            raise ParameterError(f"runbooks at {self.runbooks!r} is no address; give one such as https://host/runbooks")
        if self.interval < 1:
            raise ParameterError(f"an interval of {self.interval} s does not go; give at least 1")

    @property
    def scraped(self) -> tuple[str, ...]:
        """Targets as Prometheus reaches them: from a container, `localhost` would be the container itself."""
        if self.format == "files":
            return self.targets or (f"localhost:{SERVICE_PORT}",)
        return tuple(map(_from_container, self.targets)) or (f"{GATEWAY}:{SERVICE_PORT}",)

    @property
    def columns(self) -> int:
        """Views of columns whose drift is judged, for the rules' false-alarm rate; 0 without a baseline."""
        return 0 if self.baseline is None else max(len(column_cells(self.baseline)), 1)

    @property
    def exposed(self) -> bool:
        """Whether the stack listens on more than loopback."""
        return not ipaddress.IPv4Address(self.bind).is_loopback


def moved(targets: Iterable[str]) -> list[tuple[str, str]]:
    """Targets on this machine, and what a container must call them."""
    return [(target, _from_container(target)) for target in targets if _from_container(target) != target]


def _from_container(target: str) -> str:
    host, _, port = target.rpartition(":")
    return f"{GATEWAY}:{port}" if host in HERE else target


def split_target(target: str) -> tuple[str, str]:
    """Host and port of a valid target."""
    host, _, port = target.rpartition(":")
    return host, port


def _target(target: str) -> str:
    host, _, port = target.rpartition(":")
    if "://" in target or "/" in target:
        raise ParameterError(f"the target {target!r} is an address; give host:port alone, its /metrics is scraped")
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536) or not _host(host):
        raise ParameterError(f"the target {target!r} is no host:port, such as localhost:8000 or [::1]:8000")
    return f"{host}:{int(port)}"


def _host(host: str) -> bool:
    if host.startswith("[") and host.endswith("]"):
        try:
            return ipaddress.IPv6Address(host[1:-1]).scope_id is None
        except ValueError:
            return False
    if re.fullmatch(r"[0-9.]+", host):
        try:
            return bool(ipaddress.IPv4Address(host))
        except ValueError:
            return False
    return _NAME.match(host) is not None


def _service(target: str) -> str:
    name, _, port = target.rpartition(":")
    number = port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536
    if not _SERVICE.match(name) or not (number or _PORT_NAME.match(port)):
        raise ParameterError(
            f"the target {target!r} is no service[.namespace]:port of Kubernetes; give churn.models:8000 or churn:http"
        )
    return target
