"""``/healthz``: the process answers. ``/readyz``: the database does too, and how many revisions this process is behind."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from gigneo.core.access import public
from gigneo.core.current import current_site
from gigneo.core.db.uow import current_revision
from gigneo.core.requests import read

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether requests can be served, and on which revision."""
    site = current_site()
    try:
        revision = current_revision(read())
    except SQLAlchemyError:
        return jsonify(status="the database does not answer"), 503
    return jsonify(status="ok", revision=site.revision, behind=revision - site.revision)
