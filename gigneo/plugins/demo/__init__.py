"""The demo marketplace: people, services and orders to look around in, made by the use cases themselves."""
