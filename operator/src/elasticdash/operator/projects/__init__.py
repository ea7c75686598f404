"""ElasticDashProject: a project in an instance, and its API key in a Secret."""
