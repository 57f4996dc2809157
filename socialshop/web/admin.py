"""For the operator: brands, people, stuck work and health, under /admin."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
