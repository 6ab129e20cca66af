"""The words in a generated folder: a short README for each format, and comments."""

from __future__ import annotations

from barograph.stack.settings import Settings

COMPOSE = """\
docker compose up -d starts it, docker compose down stops it and keeps the data.
Images are pinned: to change a version, edit its line and run docker compose up -d again."""

TARGETS = """\
One line for each service: host:port, scraped at /metrics. Prometheus reads this file again whenever it changes.
From a container the host's services are host.docker.internal:port; they must listen on 0.0.0.0, not on 127.0.0.1."""

RECEIVERS = """\
As it is nobody is sent anything. Put the name of one of the receivers below into route and its routes in place of
nobody, fill in its address, and its secret into the file that it names."""

SECRETS = """\
One secret a file, named in ../alertmanager.yml; none of them belongs into version control (.gitignore sees to that).
Alertmanager must be able to read them: in the container it is user 65534 (chown 65534 FILE && chmod 400 FILE).
"""

IGNORED = """\
.env
/data/
/alertmanager/secrets/*
!/alertmanager/secrets/README
*.new
"""

_COMPOSE_README = """\
# Monitoring of models

    docker compose up -d          # Prometheus, Alertmanager, Grafana
    barograph stack check --dir . --wait 120

Grafana: http://localhost:{grafana}, user `admin`, password in `.env`. Prometheus: http://localhost:{prometheus},
Alertmanager: http://localhost:{alertmanager}. They listen on {bind}.

| to | do |
|---|---|
| add a model | a line in `prometheus/targets/ml-api.yml`; nothing to restart |
| be notified | name a receiver in `route` of `alertmanager/alertmanager.yml`, its secret in `secrets/`; then reload |
| reload after edits | `docker compose kill -s SIGHUP prometheus alertmanager` |
| change a version | its line in `docker-compose.yml`, then `docker compose up -d` |
| update this folder | `barograph stack init . --diff`, then without `--diff`; edited files are left alone |
| remove all data | `docker compose down --volumes` |
"""

_FILES_README = """\
# Monitoring of models

    ./run.sh                      # Prometheus and Alertmanager, until Ctrl-C
    barograph stack check --dir . --wait 120

Grafana, where it is installed (its packages read /etc/grafana):

    sudo cp -r grafana/provisioning/. /etc/grafana/provisioning/
    sudo cp -r grafana/dashboards /etc/grafana/
    sudo systemctl restart grafana-server

| to | do |
|---|---|
| add a model | a line in `prometheus/targets/ml-api.yml`; nothing to restart |
| be notified | name a receiver in `route` of `alertmanager/alertmanager.yml`, its secret in `secrets/`; then reload |
| check edits | `promtool check config prometheus/prometheus.yml; amtool check-config alertmanager/alertmanager.yml` |
| reload after edits | `kill -HUP` of the process, or start `run.sh` again |
| update this folder | `barograph stack init . --diff`, then without `--diff`; edited files are left alone |
"""

_KUBERNETES_README = """\
# Monitoring of models

For clusters with the Prometheus operator and Grafana's dashboard sidecar, as kube-prometheus-stack installs them:

    kubectl apply --server-side -k .

Before that, look at `kustomization.yaml`: its `namespace`, and `release`, which must be the name of the Helm release
(the operator reads only what bears that label).

| to | do |
|---|---|
| add a model | {add} |
| be notified | a receiver in the Alertmanager configuration of your kube-prometheus-stack values |
| update this folder | `barograph stack init . --diff`, then without `--diff`; edited files are left alone |
"""


def readme(settings: Settings) -> str:
    """The folder's README."""
    if settings.format == "compose":
        return _COMPOSE_README.format(**settings.ports, bind=settings.bind)
    if settings.format == "files":
        return _FILES_README
    add = "`kubectl label service NAME barograph-scrape=true`; the port of its /metrics is called `http`"
    if settings.targets:
        add = "run `barograph stack init` again with one more `--target service.namespace:port`"
    return _KUBERNETES_README.format(add=add)
