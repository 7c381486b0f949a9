"""The themes that Gigneo ships."""
