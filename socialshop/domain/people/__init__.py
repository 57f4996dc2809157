"""Users, creators, brands; who may act for whom. The door: everything others may call."""

from .accounts import (
    Unconfirmed,
    add_user,
    check_brand_name,
    check_handle,
    claim_address,
    disable,
    find_claimant,
    find_user_by_email,
    lock_user,
    must_be_confirmed,
    start_brand,
    start_creator,
    suggest_handle,
)
from .hashing import checked, hashed, use_password_cost
from .members import (
    AlreadyMember,
    LastOwner,
    accept,
    change_role,
    find_invitation,
    invite,
    make_invitation_token,
    remove,
    revoke_invitation,
)
from .models import Brand, Creator, EmailToken, Invitation, LoginSession, Member, Payee, ReceivingAccount, User
from .password_rules import problem as password_problem
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
from .rules import ROLES, Role, clean_name, email_problem, handle_problem, normal_email, zone_problem
from .sessions import (
    SEEN_EVERY,
    end_session,
    end_sessions,
    forget_ended_sessions,
    note_seen,
    open_session,
    prove,
    rotate,
)
from .throttle import INVITATIONS, MAIL, PASSWORD, Limit, PasswordClosed, Throttle, clear, count, forget_old
from .tokens import LinkSpent, Purpose, find_token, forget_old_tokens, make_token, redeem, spend_tokens

__all__ = [
    "INVITATIONS", "MAIL", "PASSWORD", "ROLES", "SEEN_EVERY",
    "AlreadyMember", "Brand", "Creator", "EmailToken", "Invitation", "LastOwner", "Limit", "LinkSpent", "LoginSession", "Member",
    "PasswordClosed", "Payee", "Purpose", "ReceivingAccount", "Role", "Throttle", "Unconfirmed", "User",
    "accept", "add_user", "brand_emails", "brands_by_id", "change_role", "check_brand_name", "check_handle", "checked",
    "claim_address", "clean_name", "clear", "count", "creator_email", "creator_of", "creators_by_id", "creators_by_user",
    "disable", "email_problem", "end_session", "end_sessions", "find_brand", "find_claimant", "find_creator",
    "find_creator_by_handle", "find_invitation", "find_membership", "find_session", "find_token", "find_user",
    "find_user_by_email", "forget_ended_sessions", "forget_old", "forget_old_tokens", "get_brand", "get_creator", "get_user",
    "handle_problem", "hashed", "invite", "live_sessions_of", "lock_user", "make_invitation_token", "make_token", "member_of",
    "members_of", "memberships_of", "must_be_confirmed", "normal_email", "note_seen", "open_invitations_of", "open_session",
    "password_problem", "prove", "redeem", "remove", "revoke_invitation", "rotate", "search_brands", "search_users",
    "spend_tokens", "start_brand", "start_creator", "suggest_handle", "use_password_cost", "users_by_id", "zone_problem",
]  # fmt: skip
