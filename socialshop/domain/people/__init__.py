"""Users, creators, brands; who may act for whom. The door: everything others may call."""

from .models import Brand, Creator, EmailToken, Invitation, LoginSession, Member, Payee, ReceivingAccount, Role, User
from .queries import creator_of, find_membership, find_session

__all__ = [
    "Brand", "Creator", "EmailToken", "Invitation", "LoginSession", "Member", "Payee", "ReceivingAccount", "Role", "User",
    "creator_of", "find_membership", "find_session",
]  # fmt: skip
