"""Webhooks in, at /hooks/<connection>: verify, keep once, answer; nothing else."""

from flask import Blueprint

bp = Blueprint("hooks", __name__, url_prefix="/hooks")
