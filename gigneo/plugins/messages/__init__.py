"""Messages: employer and freelancer talk on the order itself."""
