"""What a Prometheus and a Grafana in the cluster need to watch an instance."""
