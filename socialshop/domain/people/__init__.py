"""Users, creators, brands; who may act for whom. The door: everything others may call."""

from .models import Brand, Creator, EmailToken, Invitation, LoginSession, Member, Payee, ReceivingAccount, Role, User
from .queries import (
    brand_emails,
    brands_by_id,
    creator_email,
    creator_of,
    creators_by_id,
    creators_by_user,
    find_brand,
    find_creator,
    find_creator_by_handle,
    find_membership,
    find_session,
    find_user,
    get_brand,
    get_creator,
    get_user,
    live_sessions_of,
    member_of,
    members_of,
    memberships_of,
    open_invitations_of,
    search_brands,
    search_users,
    users_by_id,
)

__all__ = [
    "Brand", "Creator", "EmailToken", "Invitation", "LoginSession", "Member", "Payee", "ReceivingAccount", "Role", "User",
    "brand_emails", "brands_by_id", "creator_email", "creator_of", "creators_by_id", "creators_by_user", "find_brand",
    "find_creator", "find_creator_by_handle", "find_membership", "find_session", "find_user", "get_brand", "get_creator",
    "get_user", "live_sessions_of", "member_of", "members_of", "memberships_of", "open_invitations_of", "search_brands",
    "search_users", "users_by_id",
]  # fmt: skip
