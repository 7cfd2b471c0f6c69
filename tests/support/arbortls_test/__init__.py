"""Parts for the integration tests: certificates, the daemon, backends, clients, waiting."""
