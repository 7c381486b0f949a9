"""The modules that come with Gigneo; each goes through the public API only, as anybody else's would."""
