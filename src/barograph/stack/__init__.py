"""Prometheus, Alertmanager and Grafana for models under watch: configuration, rules and dashboards, generated."""
