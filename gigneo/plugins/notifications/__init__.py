"""Notifications: what people are told, in the bell of every page and by mail, each as they choose."""
