"""run.sh: Prometheus and Alertmanager from the generated files, without containers."""

from __future__ import annotations

from barograph.stack.settings import Settings

_SCRIPT = """\
#!/bin/sh
# Runs Prometheus and Alertmanager on this folder until one ends or Ctrl-C; what they store is in data/.
# Debian: apt-get install prometheus prometheus-alertmanager; elsewhere the programs of prometheus.io/download.
set -eu
cd "$(dirname "$0")"

program() {{
  for name; do command -v "$name" && return; done
  echo "run.sh: neither of these is installed: $*" >&2
  return 1
}}
prometheus=$(program prometheus)
alertmanager=$(program prometheus-alertmanager alertmanager)
mkdir -p data/prometheus data/alertmanager

# from its own folder, because it looks up files of secrets from where it is started
(cd alertmanager && exec "$alertmanager" --config.file=alertmanager.yml --storage.path=../data/alertmanager \\
  --data.retention=192h \\
  --web.listen-address={bind}:{alertmanager} --cluster.listen-address= --log.level=warn) &
first=$!
"$prometheus" --config.file=prometheus/prometheus.yml --storage.tsdb.path=data/prometheus \\
  --storage.tsdb.retention.time=30d --storage.tsdb.retention.size=8GB --enable-feature=exemplar-storage \\
  --web.listen-address={bind}:{prometheus} --log.level=warn &
second=$!

stop() {{
  trap - EXIT INT TERM
  kill "$first" "$second" 2>/dev/null || :
  wait
}}
trap 'stop; exit 0' INT TERM
trap stop EXIT
echo "Prometheus http://{shown}:{prometheus}  Alertmanager http://{shown}:{alertmanager}  Ctrl-C stops both"
while kill -0 "$first" 2>/dev/null && kill -0 "$second" 2>/dev/null; do
  sleep 1 &
  wait $! # a signal ends a wait at once, a sleep only when it is over
done
echo "run.sh: one of the two has ended; its last lines above say why" >&2
exit 1
"""


def script(settings: Settings) -> str:
    """The script, with the addresses to listen on."""
    shown = settings.bind if settings.exposed else "localhost"
    ports = {name: settings.ports[name] for name in ("prometheus", "alertmanager")}
    return _SCRIPT.format(bind=settings.bind, shown=shown, **ports)
