"""Backups: one archive file with the database and the files of a site, and the way back from it.

An archive is a tar file that any tar lists. In this order: ``manifest.json``; ``secrets/…`` if wanted; ``files.jsonl``, a line
for each file; the database, compressed; the files as they are, under their keys; ``end.json``.
"""
