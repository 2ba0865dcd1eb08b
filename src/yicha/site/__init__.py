"""The whole, put together: settings, addresses, logs, error pages."""
